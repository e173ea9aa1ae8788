"""A browser for tests, where there is one: Chromium, spoken to in the WebDriver protocol."""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

#: No screen, no sandbox of its own, nothing fetched in the background.
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class Browser:
    """As much of the WebDriver protocol as the tests need."""

    def __init__(self, port: int, folder: Path):
        self.base = f"http://127.0.0.1:{port}"
        options = {"args": [*FLAGS, f"--user-data-dir={folder}"]}
        wanted = {
            "goog:chromeOptions": options,
            "timeouts": {"script": 120_000},  # axe reads a page of a megabyte on a busy machine
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        self.session = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def _send(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def send(self, path: str, **body):
        return self._send("POST", f"/session/{self.session}{path}", body)

    def devtools(self, command: str, **parameters):
        return self.send("/goog/cdp/execute", cmd=command, params=parameters)

    def open(self, page: Path, width: int = 1280, theme: str = "light", script: bool = True) -> None:
        self.devtools("Emulation.setScriptExecutionDisabled", value=not script)
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.devtools("Emulation.setEmulatedMedia", media="screen", features=features)
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.devtools("Emulation.setDeviceMetricsOverride", **metrics)
        self.send("/url", url=page.as_uri())

    def run(self, script: str, *args):
        return self.send("/execute/sync", script=script, args=list(args))

    def run_async(self, script: str, *args):
        return self.send("/execute/async", script=script, args=list(args))

    def press(self, key: str) -> None:
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.send("/actions", actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    def log(self, kind: str) -> list[dict]:
        return self.send("/se/log", type=kind)

    def quit(self) -> None:
        self._send("DELETE", f"/session/{self.session}")


@contextmanager
def started(folder: Path):
    """A browser of its own ChromeDriver, with profile and log in the folder; both end with the block."""
    log = folder / "driver.log"
    with log.open("w") as out:
        driver = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], stdout=out, stderr=subprocess.STDOUT)
    found = None
    try:
        for _ in range(600):  # a minute: a busy machine starts slowly
            text = log.read_text()
            if "successfully on port " in text:  # the line before says which port was asked for: 0
                port = int(text.rsplit("on port ", 1)[1].split(".")[0].split()[0])
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"ChromeDriver did not start: {log.read_text()}")
        found = Browser(port, folder / "profile")
        yield found
    finally:
        if found:
            found.quit()
        driver.terminate()
        driver.wait(10)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not shutil.which("chromedriver") or not chromium:
        pytest.skip("Chromium and ChromeDriver are not installed")
    with started(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core: AXE_CORE names its axe.min.js."""
    path = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
    if not path.is_file():
        pytest.skip("axe-core is not installed: npm install axe-core, then AXE_CORE=…/axe-core/axe.min.js")
    return path.read_text(encoding="utf-8")
