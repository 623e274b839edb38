"""Text search on a real server: best matches first, each with its score."""

from __future__ import annotations

import pytest
from pymongo.errors import OperationFailure

from ommongo import Document, FloatField, Index, IntField, StringField
from tests.helpers import bodies_of, note_of


class Article(Document):
    config_namespace = "tests.server.text"
    config_collection_name = "articles"
    config_default_sort = [("number", 1)]
    number = IntField()
    title = StringField(db_field="t")
    body = StringField(required=False)
    score = FloatField(required=False)
    i_text = Index().text("title")


class Plain(Document):
    config_namespace = "tests.server.text"
    config_collection_name = "plain"
    title = StringField(db_field="t")
    body = StringField(required=False)


@pytest.fixture
def articles(session):
    """Three articles on coffee, and a query for them."""
    session.save(Article(number=1, title="tea and coffee and milk", score=5.0))
    session.save(Article(number=2, title="coffee"))
    session.save(Article(number=3, title="coffee coffee and tea"))
    session.save(Article(number=4, title="milk"))
    return session.query(Article)


def numbers(results):
    """The numbers of some articles, in order."""
    return [article.number for article in results]


def test_the_best_match_comes_first(articles):
    """The order is that of the score, not the default one."""
    found = articles.search("coffee").all()

    scores = [article.get_index_score() for article in found]
    assert numbers(found) == [3, 2, 1] or numbers(found) == [2, 3, 1]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_scores_are_the_servers(articles, database):
    """Each object has the score that the server gave it."""
    scores = {
        raw["number"]: raw["x"]
        for raw in database["articles"].find(
            {"$text": {"$search": "coffee"}}, {"number": 1, "x": {"$meta": "textScore"}}
        )
    }

    assert {a.number: a.get_index_score() for a in articles.search("coffee")} == scores


def test_other_objects_have_no_score(articles):
    """What did not come from a search has the score 0."""
    assert articles.filter(Article.number == 1).one().get_index_score() == 0


def test_the_score_is_no_field(articles):
    """A field that is called so keeps its own value, and the object is clean."""
    article = articles.filter(Article.number == 1).search("coffee").one()

    assert article.score == 5.0
    assert article.get_dirty_ops() == {}


def test_conditions_count(articles):
    """A search is one more condition."""
    assert numbers(articles.filter(Article.number < 3).search("coffee").limit(1)) == [2]


def test_an_own_order_counts(articles):
    """Sorting takes the place of the order by score; the scores are there."""
    found = articles.search("coffee").descending(Article.number).all()

    assert numbers(found) == [3, 2, 1]
    assert all(article.get_index_score() > 0 for article in found)


def test_phrases_and_exclusions(articles):
    """The text is in the server's own language for searches."""
    assert numbers(articles.search('"coffee and tea"')) == [3]


def test_first_and_count_and_index(articles):
    """A search is a query like any other."""
    query = articles.search("coffee")

    best = query.all()[0].number
    assert query.first().number == query[0].number == best
    assert query.count() == 3
    assert query.exists()
    assert sorted(query.distinct(Article.number)) == [1, 2, 3]


def test_a_result_by_number_has_its_score(articles):
    """Copies of a result, and single results, have scores."""
    result = iter(articles.search("coffee"))

    assert result[0].get_index_score() > 0
    assert next(result.clone()).get_index_score() > 0


def test_partial_objects_have_their_score(articles):
    """A search with `fields` loads these and the score."""
    article = articles.search("coffee").fields(Article.number).first()

    assert article.get_index_score() > 0
    assert set(article.__dict__) == {"mongo_id", "number"}


def test_excluded_fields_and_the_score(articles):
    """A search may leave fields out."""
    article = articles.search("coffee").fields(Article.title.exclude()).first()

    assert article.get_index_score() > 0
    assert "title" not in article.__dict__


def test_raw_output_is_what_is_stored(articles):
    """Dicts come best first, with nothing added."""
    found = articles.search("coffee").raw_output().all()

    assert [raw["number"] for raw in found][-1] == 1
    assert {key for raw in found for key in raw} == {"_id", "number", "t", "score"}


def test_held_objects_get_their_score(make_session, articles):
    """An object of the identity map has the score of the last search that found it."""
    session = make_session(cache_size=None)
    held = session.query(Article).filter(Article.number == 2).one()

    found = session.query(Article).filter(Article.number == 2).search("coffee").one()

    assert found is held
    assert held.get_index_score() > 0


def test_without_an_index_the_server_refuses(session):
    """Nothing is created behind the user's back."""
    session.save(Plain(title="coffee"))

    with pytest.raises(OperationFailure):
        session.query(Plain).search("coffee").all()


def test_an_index_can_be_made_first(session):
    """The fields are named by name or query field."""
    session.save(Plain(title="coffee"))
    session.save(Plain(title="tea", body="no coffee"))

    found = session.query(Plain).search("coffee", createIndex=["title", Plain.body]).all()

    assert {plain.title for plain in found} == {"coffee", "tea"}
    assert "t_text_body_text" in session.get_indexes(Plain)


def test_an_index_on_other_fields_is_in_the_way(session):
    """A collection has one text index; the server says so."""
    session.query(Plain).search("coffee", createIndex=["title"])

    with pytest.raises(OperationFailure):
        session.query(Plain).search("coffee", createIndex=["body"])


def test_a_search_can_be_updated(articles):
    """A text is a condition like any other."""
    assert articles.search("coffee").set(body="x").multi().execute()["n"] == 3


def test_a_search_can_be_removed(session, articles):
    """A text is a condition like any other."""
    assert articles.search("coffee").delete()["n"] == 3
    assert numbers(session.query(Article)) == [4]


def test_the_best_match_can_be_modified(articles, commands):
    """Find-and-modify takes the first in the order by score."""
    best = articles.search("coffee").first().number

    assert articles.clone().find_and_modify(remove=True).execute().number == best
    (command,) = bodies_of(commands, "findAndModify")
    assert list(command["sort"].values()) == [{"$meta": "textScore"}]


ASKING = {
    "all": lambda q: q.all(),
    "iterate": lambda q: list(q),
    "first": lambda q: q.first(),
    "one": lambda q: q.one(),
    "index": lambda q: q[0],
    "slice": lambda q: q[:2],
    "result": lambda q: iter(q)[0],
    "count": lambda q: q.count(),
    "exists": lambda q: q.exists(),
    "distinct": lambda q: q.distinct("title"),
    "explain": lambda q: q.explain(),
    "aggregate": lambda q: q.aggregate([]),
    "raw": lambda q: q.raw_output().all(),
    "find_and_modify": lambda q: q.find_and_modify().set("title", "x").execute(),
    "find_and_remove": lambda q: q.find_and_modify(remove=True).execute(),
    "update": lambda q: q.set("title", "x").multi().execute(),
    "delete": lambda q: q.delete(),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
@pytest.mark.parametrize("raw", [False, True], ids=["search", "raw_dict"])
def test_a_search_without_an_index_is_told(safe_session, ask, raw):
    """Whatever the search was for: the note names the class, and the index to declare."""
    safe_session.save(Plain(title="coffee"))
    query = safe_session.query(Plain)
    query = query.filter({"$text": {"$search": "tea"}}) if raw else query.search("tea")

    with pytest.raises(OperationFailure) as caught:
        ask(query)

    assert caught.value.code == 27
    note = note_of(caught.value)
    assert "Plain has no text index" in note
    assert note.count("Index().text(") == 1


def test_a_search_in_a_collection_without_an_index_is_told(safe_session):
    """Of a collection without a class it names the collection."""
    safe_session.save(Plain(title="coffee"))

    with pytest.raises(OperationFailure) as caught:
        safe_session.query("plain").search("tea").all()

    assert "'plain' has no text index" in note_of(caught.value)
