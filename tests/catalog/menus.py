"""Sections, teachers and needs that the tests of menus share."""

from dataclasses import dataclass

from hypothesis import strategies as st

from catalog.choices import Chooser, Item
from catalog.entries import Needs

TITLES = {
    "XK1": {"zh": "课标理解与教材分析", "en": "Reading the standard"},
    "XK2": {"zh": "学情分析与教学设计", "en": "Planning lessons"},
}


@dataclass(frozen=True)
class Ask:
    """What the round's eligibility rows look like, for tests."""

    attribute: str
    test: str
    values: tuple[str, ...]

    def holds(self, attributes):
        have = set(attributes.get(self.attribute, ()))
        if self.test == "in":
            return bool(have & set(self.values))
        if self.test == "not_in":
            return not have & set(self.values)
        numbers = [int(value) for value in have]
        limit = int(self.values[0])
        return any(n >= limit if self.test == "ge" else n <= limit for n in numbers)


def item(section, *, dimensions=("XK1",), offering=None, title=None, **facts):
    name = title or f"课程{section}"
    return Item(section, offering or section, name, dimensions=dimensions, **facts)


def needs(values, *, diagnosed=True, thin=()):
    return Needs(values, {"XK1": 700, "XK2": 250}, TITLES, frozenset(thin), diagnosed)


def some(values, **most):
    return st.lists(st.sampled_from(values), unique=True, **most).map(tuple)


OFFERINGS = ("C1", "C2", "C3", "C4")
TOPICS = ("reading", "writing", "sums")

ITEMS = st.lists(
    st.builds(
        lambda n, dims, offering, price, topics, stages, required: item(
            f"S{n:03d}",
            dimensions=dims,
            offering=offering,
            price=price,
            attributes={"topic": topics, "stage": stages},
            asks=(Ask("stage", "in", stages),) if stages else (),
            prerequisites=required,
        ),
        st.integers(0, 200),
        some(("XK1", "XK2")),
        st.sampled_from(OFFERINGS),
        st.integers(0, 300),
        some(TOPICS),
        some(("1", "2")),
        some(("C1", "C9"), max_size=1),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda one: one.section,
)

CHOOSERS = st.builds(
    lambda n, stages, completed, topics: Chooser(
        f"T{n}", {"stage": stages}, frozenset(completed), frozenset(topics)
    ),
    st.integers(0, 99),
    some(("1", "2")),
    some(OFFERINGS),
    some(TOPICS),
)
