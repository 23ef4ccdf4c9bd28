"""The signature of a webhook: the specification's own example, and what a file of secrets may be."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.signature import SecretError, read_secrets, signed

README = Path(__file__).resolve().parents[2] / "README.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another secret of ours, it is long").decode()


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    """The vector that the libraries of Standard Webhooks are tested with."""
    headers = signed(read_secrets(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("known", [SECRET, OTHER])
def test_a_receiver_with_either_secret_verifies_it(known: str) -> None:
    """While a secret is replaced, the old and the new one count; verified by the specification's own library."""
    headers = signed(read_secrets(f"{OTHER}\n{SECRET}\n"), "demo/1/2", int(time.time()), '{"sentence":"≥ 1"}'.encode())

    assert Webhook(known).verify('{"sentence":"≥ 1"}', headers) == {"sentence": "≥ 1"}


def test_a_body_that_was_changed_on_the_way_is_found() -> None:
    """By the same library."""
    headers = signed(read_secrets(SECRET), "demo/1/2", int(time.time()), b'{"severity":"high"}')

    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify('{"severity":"low"}', headers)


def test_the_lines_of_the_manual_verify_it() -> None:
    """Whoever copies them is safe: the right body with the right secret of this hour, and nothing else."""
    found: dict[str, Any] = {}
    exec(re.findall(r"```python\n(import base64.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0], found)
    genuine = found["genuine"]
    now = int(time.time())
    headers = signed(read_secrets(f"{OTHER}\n{SECRET}"), "demo/1/2", now, b"{}")
    old = signed(read_secrets(SECRET), "demo/1/2", now - 3_600, b"{}")

    assert [genuine(secret, headers, b"{}") for secret in (SECRET, OTHER)] == [True, True]
    assert not genuine(SECRET, headers, b"{ }")
    assert not genuine(SECRET, old, b"{}")
    assert not genuine("whsec_" + base64.b64encode(b"x" * 24).decode(), headers, b"{}")


def test_a_file_of_secrets_has_remarks_and_empty_lines() -> None:
    """And the newest first."""
    secrets = read_secrets(f"# since Monday\n{OTHER}\n\n  {SECRET}  \n")

    assert secrets == (b"another secret of ours, it is long", base64.b64decode(SECRET.removeprefix("whsec_")))


@pytest.mark.parametrize("text", ["", "# nothing\n\n"])
def test_a_file_without_a_secret_is_no_good(text: str) -> None:
    """Nothing goes out unsigned."""
    with pytest.raises(SecretError, match="there is no secret in it"):
        read_secrets(text)


@pytest.mark.parametrize(
    "line", ["hunter2-hunter2-hunter2", "whsec_aHVudGVyMg==", "whsec_no base64!", "whsec_é", f"x{SECRET}"]
)
def test_what_is_no_secret_is_named_by_its_line_and_not_shown(line: str) -> None:
    """Whoever reads the log must not learn it."""
    with pytest.raises(SecretError) as caught:
        read_secrets(f"{SECRET}\n{line}")

    assert str(caught.value).startswith("line 2 is no secret; expected whsec_")
    assert line not in str(caught.value)
