"""Takes screenshots of a running Airflow with a real browser.

Runs in the tools' environment `browser`. Arguments: URL, user, password file, folder, DAGs.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait

TIMEOUT_SECONDS = 60
NO_SANDBOX = ["--no-sandbox"] if os.geteuid() == 0 else []


def main(url: str, user: str, passwords: Path, folder: Path, dags: list[str]) -> int:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        print(
            "chromium and chromedriver are needed for screenshots: install them (Debian: apt-get"
            " install chromium chromium-driver).",
            file=sys.stderr,
        )
        return 2
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    # the browser's sandbox does not run as root
    for argument in ("--headless=new", "--window-size=1400,900", *NO_SANDBOX):
        options.add_argument(argument)
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        log_in(browser, url, user, json.loads(passwords.read_text())[user])
        folder.mkdir(parents=True, exist_ok=True)
        for dag in dags:
            take_screenshot(browser, f"{url}/dags/{dag}", folder / f"{dag}.png")
    except WebDriverException as error:
        print(f"The browser could not take screenshots of {url}: {error.msg}", file=sys.stderr)
        return 6
    finally:
        browser.quit()
    return 0


def log_in(browser: webdriver.Chrome, url: str, user: str, password: str) -> None:
    browser.get(url)
    wait = WebDriverWait(browser, TIMEOUT_SECONDS)
    wait.until(expected_conditions.element_to_be_clickable((By.NAME, "username"))).send_keys(user)
    browser.find_element(By.NAME, "password").send_keys(password)
    browser.find_element(By.CSS_SELECTOR, "button[type=submit], form button").click()
    wait.until(lambda page: "/login" not in page.current_url)


def take_screenshot(browser: webdriver.Chrome, url: str, file: Path) -> None:
    """Takes a screenshot of the page when its grid shows tasks."""
    browser.get(url)
    WebDriverWait(browser, TIMEOUT_SECONDS).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, "a[href*='/tasks/']")
        and page.find_elements(By.CSS_SELECTOR, "a[href*='/runs/']")
    )
    browser.save_screenshot(str(file))
    print(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5:]))
