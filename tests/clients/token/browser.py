"""A user with Debian's Chromium, who logs in and agrees on the provider's own pages."""

import os
import shutil
import tempfile
import urllib.parse

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
PATIENCE = 60  # seconds for a page, on a busy machine
STEPS = 12


def is_installed():
    try:
        import selenium  # noqa: F401
    except ImportError:
        return False
    return os.access(CHROMIUM, os.X_OK) and os.access(DRIVER, os.X_OK)


class Browser:
    """Use as a context manager. `keys`: fingerprints of servers that it trusts as they are. It speaks
    to the loopback alone: the provider's pages name fonts elsewhere."""

    def __init__(self, keys=()):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        self._folder = tempfile.mkdtemp(prefix="tacit-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        arguments = ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                     "--disable-background-networking", "--no-proxy-server",
                     f"--user-data-dir={self._folder}/profile",
                     "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses to sandbox itself for root
        if keys:
            arguments.append("--ignore-certificate-errors-spki-list=" + ",".join(keys))
        for argument in arguments:
            options.add_argument(argument)
        home = {"HOME": self._folder, "PATH": "/usr/bin:/bin", "TMPDIR": self._folder}
        try:
            self._driver = webdriver.Chrome(service=Service(DRIVER, env=home), options=options)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._driver.set_page_load_timeout(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._driver.quit()
        shutil.rmtree(self._folder, ignore_errors=True)

    def approve(self, address, user_code):
        """Goes where the user is told to go and does what the pages ask for. Returns what the
        pages said, one a page."""
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.ui import WebDriverWait

        self._driver.get(address)
        said = []
        for _ in range(STEPS):
            wait = WebDriverWait(self._driver, PATIENCE)
            body = wait.until(lambda driver: driver.find_element(By.TAG_NAME, "body"))
            said.append(body.text)
            if "Success" in body.text:
                return said
            for name, text in (("user_code", user_code), ("login", "ada"),
                               ("password", "of no account")):
                for field in self._driver.find_elements(By.NAME, name):
                    if field.is_displayed():
                        field.send_keys(text)
            # A mark of this page: the next one is another document.
            self._driver.execute_script("window.seen = true")
            self._driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
            wait.until(lambda driver: driver.execute_script(
                "return !window.seen && document.readyState === 'complete'"))
        raise AssertionError(f"the pages never end: {said} at "
                             + urllib.parse.urlsplit(self._driver.current_url).path)
