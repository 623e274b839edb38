"""
References are given as people have them, and stored as what the target's ``_id`` is stored as.

The kinds: what is given is the document, its ``_id``, another form of it which the target's id
field takes (24 digits, 12 bytes), or a ``DBRef``; to an `SRefField` or a `RefField`, alone or in a
list, set, dict, `KVField`, tuple, enum, computed field or default, under the name of the field or
of its ``rel``; by the constructor, an assignment, a change in place, an expression with any
operator that takes values, ``filter_by``, a raw dict (its name, and a document in it), or an update
with any operator; with an ``_id`` of any type. What is no reference to the class is refused with
both names, and no value is obeyed.
"""

from __future__ import annotations

from datetime import datetime
from operator import iand, ior, isub

import pytest
from bson import DBRef, ObjectId

from ommongo import (
    AnythingField,
    BinaryField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    Q,
    RefField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.exceptions import (
    BadQueryException,
    BadReferenceException,
    BadValueException,
    ExtraValueException,
    UnsavedReferenceException,
)
from ommongo.session import Session

SPACE = "tests.references_as_given"


class Author(Document):
    config_namespace = SPACE
    config_collection_name = "authors"

    name = StringField(default="Ani")


class Poet(Author):
    """A subclass, in the collection of its base."""


class Critic(Document):
    """Another class, with ids of the same type."""

    config_namespace = SPACE
    config_collection_name = "critics"


class Post(Document):
    """A reference of each kind, with its ``rel``."""

    config_namespace = SPACE
    config_collection_name = "posts"

    author_id = SRefField(Author, required=False, db_field="a")
    author = author_id.rel(allow_none=True)
    author_ref = RefField(Author, required=False)
    by = author_ref.rel(allow_none=True)
    any_ref = RefField(required=False)
    any = any_ref.rel()
    reader_ids = ListField(SRefField(Author), default_empty=True)
    readers = reader_ids.rel()
    reader_refs = ListField(RefField(Author), default_empty=True)
    ref_readers = reader_refs.rel()
    fan_ids = SetField(SRefField(Author), default_empty=True)
    fans = fan_ids.rel()
    roles = DictField(SRefField(Author), default_empty=True)
    ranks = KVField(SRefField(Author), RefField(Author), default_empty=True)
    pair = TupleField(SRefField(Author), IntField(), required=False)
    nested = ListField(ListField(SRefField(Author)), default_empty=True)


@pytest.fixture
def ani(session):
    """A stored author."""
    author = Author()
    session.save(author)
    return author


FORMS = {
    "document": lambda author: author,
    "id": lambda author: author.mongo_id,
    "text": lambda author: str(author.mongo_id),
    "bytes": lambda author: author.mongo_id.binary,
    "DBRef": lambda author: author.to_ref(),
    "loaded": lambda author: loaded(author).one(),
    "partial": lambda author: loaded(author).fields(Author.mongo_id).one(),
}


def loaded(author):
    """Give the query that loads an author."""
    return author._get_session().query(Author).filter(Author.mongo_id == author.mongo_id)


every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def stored(database):
    """Give what is stored of the one post, without its ``_id`` and what is empty."""
    [post] = database["posts"].find()
    return {name: value for name, value in post.items() if name != "_id" and value not in ([], {})}


# -- objects --------------------------------------------------------------------------------------

GIVEN = {
    "author_id": lambda one: one,
    "author": lambda one: one,
    "author_ref": lambda one: one,
    "by": lambda one: one,
    "reader_ids": lambda one: [one],
    "readers": lambda one: (one,),
    "reader_refs": lambda one: [one],
    "ref_readers": lambda one: [one],
    "fan_ids": lambda one: {one},
    "fans": lambda one: frozenset({one}),
    "roles": lambda one: {"editor": one},
    "ranks": lambda one: {one: one},
    "pair": lambda one: (one, 1),
    "nested": lambda one: [[one], []],
}


def expected(name, author):
    """Give the stored name of what *name* is for, and what is stored for *author*."""
    id, ref = author.mongo_id, DBRef("authors", author.mongo_id)
    return {
        "author_id": ("a", id),
        "author": ("a", id),
        "author_ref": ("author_ref", ref),
        "by": ("author_ref", ref),
        "reader_ids": ("reader_ids", [id]),
        "readers": ("reader_ids", [id]),
        "reader_refs": ("reader_refs", [ref]),
        "ref_readers": ("reader_refs", [ref]),
        "fan_ids": ("fan_ids", [id]),
        "fans": ("fan_ids", [id]),
        "roles": ("roles", {"editor": id}),
        "ranks": ("ranks", [{"k": id, "v": ref}]),
        "pair": ("pair", [id, 1]),
        "nested": ("nested", [[id], []]),
    }[name]


@every_form
@pytest.mark.parametrize("name", GIVEN)
def test_the_constructor_takes_every_form(session, database, ani, name, form):
    """Under the name of the field and of its ``rel``; what is stored is the reference."""
    session.save(Post(**{name: GIVEN[name](form(ani))}))

    assert stored(database) == dict([expected(name, ani)])


@every_form
@pytest.mark.parametrize("name", [n for n in GIVEN if n not in ("readers", "ref_readers", "fans")])
def test_an_assignment_takes_every_form(session, database, ani, name, form):
    """What is read back is the reference, at once and after loading, and the object is clean."""
    session.save(Post())
    post = session.query(Post).one()
    setattr(post, name, GIVEN[name](form(ani)))
    field = {"author": "author_id", "by": "author_ref"}.get(name, name)
    read = getattr(post, field)
    session.update(post)

    assert stored(database) == dict([expected(name, ani)])
    assert read == getattr(session.query(Post).one(), field) == getattr(post, field)
    assert post.get_dirty_ops() == {} == session.query(Post).one().get_dirty_ops()


@every_form
def test_what_is_put_into_a_list_in_place_is_stored_as_the_reference(session, database, ani, form):
    """A list is changed as any list is; the object is clean when it is saved."""
    post = Post()
    session.save(post)
    post.reader_ids.append(form(ani))
    post.reader_refs.append(form(ani))
    post.fan_ids.add(form(ani))
    post.roles["editor"] = form(ani)
    session.update(post)

    names = ("reader_ids", "reader_refs", "fan_ids", "roles")
    assert stored(database) == dict(expected(name, ani) for name in names)
    assert post.get_dirty_ops() == {}
    assert [author.mongo_id for author in post.readers + post.ref_readers + post.fans] == [
        ani.mongo_id
    ] * 3


def test_an_equal_reference_in_another_form_is_no_change(session, ani):
    """Assigned again as text or as the document, it is what is stored already."""
    session.save(Post(author=ani, readers=[ani]))
    post = session.query(Post).one()
    post.author_id, post.reader_ids = str(ani.mongo_id), [ani]

    assert post.get_dirty_ops() == {}
    assert session.update(post) is None


def test_a_list_of_ids_is_kept_as_the_object_that_was_given(ani):
    """Nothing stands for another thing in it, so nothing is copied."""
    ids, roles, pair = [ani.mongo_id], {"a": ani.mongo_id}, (ani.mongo_id, 1)
    post = Post(reader_ids=ids, roles=roles, pair=pair)

    assert post.reader_ids is ids
    assert post.roles is roles
    assert post.pair is pair


def test_an_object_of_a_subclass_is_one_of_the_class(session, database):
    """It is stored where the class looks."""
    poet = Poet()
    session.save(poet)
    session.save(Post(author=poet, by=poet))

    assert stored(database) == {"a": poet.mongo_id, "author_ref": DBRef("authors", poet.mongo_id)}


def test_a_document_that_is_queued_has_an_id(session, database):
    """Within a block nothing needs to be sent first."""
    with session:
        author = Author()
        session.add(author)
        session.add(Post(author=author, readers=[author]))

    assert stored(database) == {"a": author.mongo_id, "reader_ids": [author.mongo_id]}


def test_a_reference_to_any_class_takes_documents_and_names_them(session, database, ani):
    """An id alone does not tell the class, so a field without one refuses it and says so."""
    session.save(Post(any=ani))

    assert stored(database) == {"any_ref": DBRef("authors", ani.mongo_id)}
    for id in (ani.mongo_id, str(ani.mongo_id)):
        with pytest.raises(BadValueException, match=r"Post\.any_ref takes DBRef, not .* document"):
            Post(any_ref=id)


def test_a_default_and_a_computed_field_give_documents(session, database, ani):
    """What they give is what an application gives."""

    class Note(Document):
        config_collection_name = "posts"

        writer_id = SRefField(Author, default_f=lambda: ani)
        text_id = SRefField(Author, default=str(ani.mongo_id))

        @computed_field(ListField(SRefField(Author)), one_time=True)
        def all_ids(_values):
            return [ani, str(ani.mongo_id)]

    note = Note()
    assert (note.writer_id, note.text_id) == (ani.mongo_id, ani.mongo_id)
    assert note.all_ids == [ani.mongo_id] * 2
    session.save(note)
    assert stored(database) == {
        "writer_id": ani.mongo_id,
        "text_id": ani.mongo_id,
        "all_ids": [ani.mongo_id] * 2,
    }


def test_an_enum_of_references(ani):
    """A declared reference is told in every form."""

    class Ballot(Document):
        choice = EnumField(SRefField(Author), ani.mongo_id)

    for form in FORMS.values():
        assert Ballot(choice=form(ani)).choice == ani.mongo_id
        assert (Ballot.choice == form(ani)).obj == {"choice": ani.mongo_id}
    with pytest.raises(BadValueException, match=r"Ballot\.choice takes one of"):
        Ballot(choice=Author(mongo_id=ObjectId()))


def test_an_embedded_document_takes_every_form(session, ani):
    """References are the same at any depth, in queries too."""

    class Line(Document):
        writer_id = SRefField(Author)
        writer = writer_id.rel()

    class Page(Document):
        lines = ListField(DocumentField(Line))

    for form in FORMS.values():
        assert Page(lines=[Line(writer=form(ani))]).wrap() == {
            "lines": [{"writer_id": ani.mongo_id}]
        }
        for field in (Page.lines.writer_id, Page.lines.writer):
            assert (field == form(ani)).obj == {"lines.writer_id": ani.mongo_id}
        query = session.query(Page).filter_by(**{"lines.writer": form(ani)})
        assert query.query == {"lines.writer_id": ani.mongo_id}


def test_a_validator_is_asked_about_the_reference(ani):
    """However it was given, and once it is known to be one."""
    asked = []

    class Ballot(Document):
        choice_id = SRefField(Author, validator=lambda id: asked.append(id))
        choice_ref = RefField(Author, wrap_validator=lambda ref: asked.append(ref))

    for form in FORMS.values():
        Ballot(choice_id=form(ani), choice_ref=form(ani)).wrap()
        assert Ballot.choice_id.is_valid_wrap(form(ani))
    assert set(asked) == {ani.mongo_id, ani.to_ref()}


# -- queries and updates --------------------------------------------------------------------------

EXPRESSIONS = {
    "==": lambda field, one: field == one,
    "eq_": lambda field, one: field.eq_(one),
    "in_": lambda field, one: field.in_(one, ObjectId("1" * 24)),
    "in_ of a list": lambda field, one: field.in_([one]),
    "in_ of a generator": lambda field, one: field.in_(x for x in [one]),
    "not !=": lambda field, one: ~(field != one),
    "not nin": lambda field, one: ~field.nin(one),
    "not nin of a list": lambda field, one: ~field.nin([one]),
    "not_in": lambda field, one: ~field.not_in([one]),
    ">=": lambda field, one: field >= one,
    "<=": lambda field, one: field <= one,
    "all_": lambda field, one: field.all_(one),
}


@pytest.mark.parametrize("name", ["author_id", "author", "author_ref", "by", "readers", "fans"])
def test_a_query_takes_every_form(session, ani, name):
    """The post by this author is found, and one by an earlier author only if asked for."""
    other = Author(mongo_id=ObjectId("0" * 24))
    session.save(other)
    first, second = (Post(author=one, by=one, readers=[one], fans={one}) for one in (other, ani))
    with session:
        session.add(first)
        session.add(second)

    given = [form(ani) for form in FORMS.values()]
    for operator, expression in EXPRESSIONS.items():
        [query] = {repr(expression(getattr(Post, name), one).obj) for one in given}
        found = session.query(Post).filter(expression(getattr(Post, name), given[0])).all()
        assert found == ([first, second] if operator == "<=" else [second]), query


@every_form
def test_filter_by_and_its_kin_take_every_form(session, ani, form):
    """By the name of the field and of its ``rel``, in queries and in removals by condition."""
    id, ref = ani.mongo_id, ani.to_ref()
    query = session.query(Post)

    assert query.clone().filter_by(author=form(ani)).query == {"a": id}
    assert query.clone().filter_by(author_id=form(ani)).query == {"a": id}
    assert query.clone().filter_by(by=form(ani)).query == {"author_ref": ref}
    assert query.clone().filter_by(readers=form(ani)).query == {"reader_ids": id}
    assert query.clone().in_(Post.author, form(ani)).query == {"a": {"$in": [id]}}
    assert query.clone().nin(Post.author, [form(ani)]).query == {"a": {"$nin": [id]}}
    session.save(Post(author=ani))
    assert session.remove_query(Post).filter_by(author=form(ani)).execute()["n"] == 1


def test_a_rel_is_a_name_of_the_class_wherever_fields_are_named(session, ani):
    """In raw dicts, sorts, partial loads and distinct values; a stored name goes before it."""
    query = session.query(Post)
    session.save(Post(author=ani))

    assert query.clone().filter({"author": ani.mongo_id}).query == {"a": ani.mongo_id}
    assert query.clone().filter({"$or": [{"author": 1}]}).query == {"$or": [{"a": 1}]}
    assert query.clone().sort(("author", 1))._sort == [("a", 1)]
    assert query.clone().fields("author").one().author.mongo_id == ani.mongo_id
    assert query.clone().distinct("author") == [ani.mongo_id]

    class Old(Document):
        config_extra_fields = "ignore"
        old_id = SRefField(Author, required=False, db_field="o")
        other = IntField(required=False, db_field="writer")
        writer = old_id.rel()
        extra = old_id.rel()

    assert session.query(Old).filter({"writer": 3}).query == {"writer": 3}
    assert session.query(Old).filter({"extra": 3}).query == {"extra": 3}
    assert session.query(Old).filter_by(writer=ani).query == {"o": ani.mongo_id}


UPDATES = {
    "set": (lambda u, one: u.set(Post.author, one), {"$set": {"a": "id"}}),
    "set by name": (
        lambda u, one: u.set(author=one, by=one),
        {"$set": {"a": "id", "author_ref": "ref"}},
    ),
    "set of a list": (lambda u, one: u.set(Post.readers, [one]), {"$set": {"reader_ids": ["id"]}}),
    "append": (lambda u, one: u.append(Post.readers, one), {"$push": {"reader_ids": "id"}}),
    "extend": (
        lambda u, one: u.extend(Post.ref_readers, one),
        {"$push": {"reader_refs": {"$each": ("ref",)}}},
    ),
    "add_to_set": (lambda u, one: u.add_to_set(Post.fans, one), {"$addToSet": {"fan_ids": "id"}}),
    "remove": (lambda u, one: u.remove(Post.readers, one), {"$pull": {"reader_ids": "id"}}),
    "remove_all": (
        lambda u, one: u.remove_all(Post.readers, one),
        {"$pullAll": {"reader_ids": ("id",)}},
    ),
}


def _filled(value, author):
    """Put an author's id and reference where an expected update says so."""
    if isinstance(value, (list, tuple)):
        return [_filled(item, author) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, author) for key, item in value.items()}
    return {"id": author.mongo_id, "ref": author.to_ref()}.get(value, value)


@every_form
@pytest.mark.parametrize("name", UPDATES)
def test_an_update_takes_every_form(session, ani, name, form):
    """Every operator that takes a value of the field, or of its items."""
    change, sent = UPDATES[name]
    update = change(session.query(Post), form(ani))

    assert _filled(update.update_data, ani) == _filled(sent, ani)
    find = change(session.query(Post).find_and_modify(), form(ani))
    assert _filled(find.update_data, ani) == _filled(sent, ani)


def test_an_upsert_takes_every_form(session, database, ani):
    """What it inserts, and what it asks for."""
    for form in FORMS.values():
        update = session.query(Post).filter_by(author=form(ani)).set(readers=[form(ani)])
        update.set_on_insert(by=form(ani)).upsert().execute()

    assert stored(database)["a"] == ani.mongo_id
    assert stored(database)["author_ref"] == ani.to_ref()


# -- ids of every type ----------------------------------------------------------------------------


class Key(Document):
    """An ``_id`` of two values."""

    country = StringField()
    number = IntField()


ID_FIELDS = {
    "str": (lambda: StringField(_id=True), "BGR"),
    "int": (lambda: IntField(_id=True), 7),
    "float": (lambda: FloatField(_id=True), 1.5),
    "date": (lambda: DateTimeField(_id=True), datetime(2024, 5, 6)),
    "bytes": (lambda: BinaryField(_id=True), b"twelve bytes"),
    "document": (lambda: DocumentField(Key, _id=True), Key(country="id", number=3)),
    "dict": (lambda: DictField(IntField(), _id=True), {"a": 1}),
    "enum": (lambda: EnumField(StringField(), "a", "b", _id=True), "b"),
    "anything": (lambda: AnythingField(_id=True), {"x": [1, "b"]}),
    "reference": (lambda: RefField(Author, _id=True), DBRef("authors", ObjectId())),
    "id of another": (lambda: SRefField(Author, _id=True), ObjectId()),
    "ObjectId": (lambda: ObjectIdField(_id=True), ObjectId()),
}


@pytest.mark.parametrize("kind", ID_FIELDS)
def test_ids_of_every_type(session, database, kind):
    """Stored is what the target's id field stores, and what is read is what that gives."""
    make, id = ID_FIELDS[kind]

    class Target(Document):
        config_namespace = None
        key = make()

    class Holder(Document):
        config_collection_name = "posts"
        target_id = SRefField(Target)
        target = target_id.rel()
        target_ref = RefField(Target)
        ref_target = target_ref.rel()
        target_ids = ListField(SRefField(Target))

    session.save(Target(key=id))
    [raw] = database["Target"].find()
    loaded = session.query(Target).one()
    forms = [loaded, id, loaded.key, loaded.to_ref()]
    for form in forms:
        holder = Holder(target=form, ref_target=form, target_ids=[form])
        session.save(holder)
        assert stored(database) == {
            "target_id": raw["_id"],
            "target_ref": DBRef("Target", raw["_id"]),
            "target_ids": [raw["_id"]],
        }
        holder = session.query(Holder).one()
        assert holder.target == holder.ref_target == loaded
        assert holder.get_dirty_ops() == {}
        for field in (Holder.target_id, Holder.target, Holder.target_ref, Holder.target_ids):
            assert session.query(Holder).filter(field == form).count() == 1
            assert session.query(Holder).filter(field.in_(form)).count() == 1
            assert session.query(Holder).filter(field.nin(form)).count() == 0
        session.remove(holder)


@pytest.mark.parametrize("kind", ID_FIELDS)
def test_an_object_of_another_class_is_refused_whatever_its_ids_are(session, kind):
    """Both classes are named; a field of anything does not take a document for an id."""
    make, _ = ID_FIELDS[kind]

    class Target(Document):
        config_namespace = None
        key = make()

    class Holder(Document):
        target_id = SRefField(Target)
        target_ref = RefField(Target)

    critic = Critic()
    session.save(critic)
    for name in ("target_id", "target_ref"):
        with pytest.raises(BadValueException, match=rf"Holder\.{name} takes Target, not Critic"):
            Holder(**{name: critic})
        with pytest.raises(BadValueException, match=r"'Target'.*'critics'|takes Target"):
            Holder(**{name: critic.to_ref()})


# -- what is refused ------------------------------------------------------------------------------

WAYS = {
    "constructor": lambda session, name, value: Post(**{name: value}),
    "assignment": lambda session, name, value: setattr(Post(), name, value),
    "==": lambda session, name, value: getattr(Post, name) == value,
    "in_": lambda session, name, value: getattr(Post, name).in_(value, value),
    "filter_by": lambda session, name, value: session.query(Post).filter_by(**{name: value}),
    "set": lambda session, name, value: session.query(Post).set(**{name: value}),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
every_name = pytest.mark.parametrize("name", ["author_id", "author", "author_ref", "by"])


@every_way
@every_name
def test_an_object_without_an_id_is_refused(session, name, way):
    """It is an error of the value and of the reference, and says what to do first."""
    unsaved = Author()
    with pytest.raises(UnsavedReferenceException, match=r"has no _id yet. Save it") as caught:
        way(session, name, unsaved)

    assert isinstance(caught.value, BadReferenceException)
    assert isinstance(caught.value, BadValueException)
    assert caught.value.reference is caught.value.value is unsaved
    assert caught.value.name == {"author": "Post.author_id", "by": "Post.author_ref"}.get(
        name, f"Post.{name}"
    )


@every_way
@every_name
def test_an_object_of_another_class_is_refused(session, name, way):
    """The message has both names."""
    critic = Critic()
    session.save(critic)

    with pytest.raises(BadValueException, match="takes Author, not Critic"):
        way(session, name, critic)


@every_way
@every_name
def test_a_reference_into_another_collection_is_refused(session, name, way):
    """The message has both collections."""
    with pytest.raises(BadValueException, match=r"'authors', and got one into 'critics'"):
        way(session, name, DBRef("critics", ObjectId()))


@every_name
@pytest.mark.parametrize(
    "value",
    [7, "short", "x" * 24, b"short", {"$gt": ""}, ["a"], DBRef("authors", {"$gt": 1})],
    ids=str,
)
def test_what_is_no_reference_is_refused(session, name, value):
    """Nothing of it acts as an operator."""
    for way in WAYS.values():
        with pytest.raises((BadValueException, BadQueryException)):
            way(session, name, value)


@pytest.mark.parametrize("name", ["readers", "reader_ids", "fan_ids", "roles", "pair"])
def test_an_item_that_is_refused_is_named_by_its_place(session, ani, name):
    """As any item is."""
    make = {
        "readers": lambda one: [ani, one],
        "reader_ids": lambda one: [ani, one],
        "fan_ids": lambda one: {one},
        "roles": lambda one: {"a": ani, "b": one},
        "pair": lambda one: (one, 3),
    }[name]
    critic = Critic()
    session.save(critic)

    with pytest.raises(BadValueException, match=r"\[.*\] takes Author, not Critic"):
        Post(**{name: make(critic)})


def test_operators_are_no_ids():
    """Where ids may be dicts, one that the server would obey is none."""

    class Target(Document):
        config_namespace = None
        key = AnythingField(_id=True)

    class Holder(Document):
        target_id = SRefField(Target, required=False)
        target_ref = RefField(Target, required=False)

    for name in ("target_id", "target_ref"):
        for value in ({"$gt": ""}, {"a": {"$ne": 1}}, DBRef("Target", {"$gt": ""})):
            with pytest.raises((BadValueException, BadQueryException)):
                Holder(**{name: value})
            with pytest.raises((BadValueException, BadQueryException)):
                getattr(Holder, name) == value


def test_both_names_of_one_reference(session, ani):
    """They may be given together as long as they say the same."""
    other = Author()
    session.save(other)

    post = Post(author=ani, author_id=str(ani.mongo_id), readers=[ani], reader_ids=[ani.mongo_id])
    assert (post.author_id, post.reader_ids) == (ani.mongo_id, [ani.mongo_id])
    for values in ({"author": ani, "author_id": other}, {"author_id": other, "author": ani}):
        with pytest.raises(ExtraValueException, match=r"'author_id' and 'author', .* differ"):
            Post(**values)
    with pytest.raises(ExtraValueException, match=r"'reader_ids' and 'readers', .* differ"):
        Post(readers=[ani], reader_ids=[])


def test_a_subclass_in_a_collection_of_its_own_is_no_target(session):
    """Its id would be looked up in the collection of the class."""

    class Editor(Author):
        config_collection_name = "editors"

    editor = Editor()
    session.save(editor)
    for give in (lambda: Post(author=editor), lambda: Post.author == editor):
        with pytest.raises(BadValueException, match=r"'authors', and this Editor .* 'editors'"):
            give()
    with pytest.raises(BadValueException, match="'authors', and got one into 'editors'"):
        Post(by=editor)


def test_an_object_of_another_database_is_refused(session, client, database):
    """By an id alone, which is looked up in one's own; a RefField names the database."""
    elsewhere = client[database.name + "_2"]
    with Session(elsewhere) as other:
        author = Author()
        other.add(author)
    session.save(Post())
    post = session.query(Post).one()

    with pytest.raises(BadValueException, match=rf"is stored in '{elsewhere.name}'"):
        post.author_id = author
    with pytest.raises(BadValueException, match=rf"its own database.*'{elsewhere.name}'"):
        post.author_id = DBRef("authors", author.mongo_id, elsewhere.name)
    with pytest.raises(BadValueException, match=rf"is stored in '{elsewhere.name}'"):
        post.reader_ids = [author]
    post.author_ref = author
    assert post.author_ref == DBRef("authors", author.mongo_id, elsewhere.name)


# -- loading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "author_ref"])
def test_loading_takes_what_is_stored_alone(session, database, ani, name):
    """Text in the place of an id is not what the library stores, and nothing makes it so."""
    database["posts"].insert_one({name: str(ani.mongo_id)})

    with pytest.raises(BadValueException, match=r"takes (ObjectId|DBRef), not str"):
        session.query(Post).all()


RAW = {
    "alone": lambda ani: {"author": ani},
    "by the name of the field": lambda ani: {"author_id": ani},
    "by query field": lambda ani: {Post.author: ani},
    "compared": lambda ani: {"author": {"$eq": ani}},
    "in a list": lambda ani: {"author": {"$in": [ani, None]}},
    "in a tuple": lambda ani: {"author": {"$in": (ani,)}},
    "negated": lambda ani: {"author": {"$not": {"$nin": [ani]}}},
    "joined": lambda ani: {"$or": [{"author": ani}, {"author": None}]},
    "as a DBRef": lambda ani: {"author_ref": ani},
    "as an item": lambda ani: {"readers": ani},
    "as all items": lambda ani: {"readers": [ani]},
    "of all items": lambda ani: {"readers": {"$all": [ani]}},
    "behind a key": lambda ani: {"roles.editor": ani},
    "as a key": lambda ani: {"ranks.k": ani},
}


@pytest.mark.parametrize("make", RAW.values(), ids=RAW)
def test_a_document_in_a_raw_condition(session, commands, ani, make):
    """It stands for what the field stores of it, as everywhere else."""
    post = Post(author=ani, author_ref=ani, readers=[ani], roles={"editor": ani}, ranks={ani: ani})
    session.save(post)
    other = Author()
    session.save(other)
    session.save(Post(author=other, author_ref=other))

    assert [found.mongo_id for found in session.query(Post).filter(make(ani))] == [post.mongo_id]


def test_an_embedded_document_in_a_raw_condition(session):
    """What is embedded is compared as it is stored."""

    class Shelf(Document):
        config_namespace = None
        label = DocumentField(Author)

    session.save(Shelf(label=Author(name="Budi")))

    for raw in ({"label": Author(name="Budi")}, {"label": {"$in": [Author(name="Budi")]}}):
        assert session.query(Shelf).filter(raw).count() == 1
    assert session.query(Shelf).filter({"label": Author(name="Ani")}).count() == 0


@pytest.mark.parametrize("name", ["author", "author_ref", "readers"])
def test_an_unsaved_document_in_a_raw_condition(session, name):
    """It has no id to be found by."""
    with pytest.raises(UnsavedReferenceException):
        session.query(Post).filter({name: Author()}).count()


def test_a_document_where_no_field_says_what_is_stored_of_it(session, ani):
    """Neither a collection's name nor a field of anything does; no value is in the message."""

    class Note(Document):
        config_namespace = None
        about = AnythingField(required=False)

    queries = (
        lambda: session.query("posts").filter({"author_id": ani}).count(),
        lambda: session.query("posts").filter(Q.author_id == ani).count(),
        lambda: session.query("posts").filter_by(author_id=ani).count(),
        lambda: session.query(Note).filter({"about": {"by": ani}}).count(),
        lambda: session.query(Note).filter({"about": {"$in": [ani]}}).count(),
        lambda: session.query(Note).filter(Note.about == ani).count(),
    )
    for ask in queries:
        with pytest.raises(BadQueryException, match=r"object of Author.*obj\.id") as raised:
            ask()
        assert str(ani.mongo_id) not in str(raised.value)


@pytest.mark.parametrize("name", ["author", "author_ref_rel"])
def test_deleting_what_follows_a_reference(session, database, ani, name):
    """It unsets the reference, as deleting the field does."""

    class Draft(Document):
        config_namespace = None
        author_id = SRefField(Author, required=False)
        author = author_id.rel()
        author_ref = RefField(Author, optional=True)
        author_ref_rel = author_ref.rel()

    draft = Draft(author=ani, author_ref_rel=ani)
    session.save(draft)
    delattr(draft, name)
    session.update(draft)

    stored = database["Draft"].find_one()
    assert len(stored) == 2
    with pytest.raises(AttributeError, match="is not set"):
        delattr(draft, name)


def test_deleting_what_follows_a_list(session, ani):
    """The list of references is what can be deleted."""
    post = Post(readers=[ani])

    with pytest.raises(AttributeError, match=r"Post\.readers cannot .* Delete reader_ids"):
        del post.readers


CHANGES = {
    "add": lambda found, one: found.add(one),
    "discard": lambda found, one: found.discard(one),
    "update": lambda found, one: found.update([one]),
    "|=": lambda found, one: ior(found, {one}),
    "-=": lambda found, one: isub(found, {one}),
    "&=": lambda found, one: iand(found, {one}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_follows_a_set_refuses_to_be_changed_as_one(session, ani, change):
    """The message names the field that holds the references."""
    session.save(Post(fans={ani}))

    with pytest.raises(TypeError, match=r"Post\.fans cannot be changed .* Change Post\.fan_ids"):
        change(session.query(Post).one().fans, ani)


BESIDE = {
    "tuple": (TupleField, lambda ref, part: (ref, part), lambda value: value[1]),
    "dict": (KVField, lambda ref, part: {ref: part}, lambda value: next(iter(value.values()))),
    "list in a tuple": (
        lambda ref, part: TupleField(ref, ListField(part)),
        lambda ref, part: (ref, [part]),
        lambda value: value[1][0],
    ),
    "tuple in a tuple": (
        lambda ref, part: TupleField(ref, TupleField(part)),
        lambda ref, part: (ref, (part,)),
        lambda value: value[1][0],
    ),
}


@pytest.mark.parametrize(("field", "value", "part"), BESIDE.values(), ids=list(BESIDE))
@pytest.mark.parametrize("form", ["id", "object", "text"])
def test_a_reference_stands_beside_a_document(session, ani, field, value, part, form):
    """A value that holds both takes every form of the reference, and the document as it is."""
    holder = type(
        "Holder",
        (Document,),
        {"config_namespace": None, "both": field(SRefField(Author), DocumentField(Critic))},
    )
    given = {"id": ani.mongo_id, "object": ani, "text": str(ani.mongo_id)}[form]

    session.save(holder(both=value(given, Critic())))
    session.clear_cache()
    loaded = session.query(holder).one()

    assert type(part(loaded.both)) is Critic
    assert next(iter(loaded.both)) == ani.mongo_id
