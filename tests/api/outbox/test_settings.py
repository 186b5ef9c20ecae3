"""The address of the office comes from the environment."""

import pytest

from api.errors import UserError
from api.outbox.settings import public_url


def test_the_address_of_the_office_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("XUANKE_PUBLIC_URL", raising=False)
    assert public_url() == ""
    monkeypatch.setenv("XUANKE_PUBLIC_URL", "https://xuanke.example/teachers/")
    assert public_url() == "https://xuanke.example/teachers"


@pytest.mark.parametrize(
    "wrong", ["xuanke.example", "ftp://x.cn", "https://a:b@x.cn", "https://x?a=1"]
)
def test_an_address_that_can_be_none_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("XUANKE_PUBLIC_URL", wrong)
    with pytest.raises(UserError, match="XUANKE_PUBLIC_URL"):
        public_url()
