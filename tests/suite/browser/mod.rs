//! Journeys in a real browser, through a WebDriver that the environment names: `./tests/run` starts one.

mod assets;
mod every_page;
mod newcomer;
mod playbooks;
mod rules;
mod support_lead;
mod way_back;

use futures_util::FutureExt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities};

/// Names the driver's address.
const DRIVER: &str = "ALLCLEAR_TEST_CHROMEDRIVER";
/// How long a page may take before a journey gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with somebody at it.
pub struct Visit {
    pub driver: WebDriver,
    base: String,
    name: String,
    pub downloads: PathBuf,
    shots: std::cell::Cell<u32>,
}

/// Runs a journey in a fresh browser on the app at `address`; closes the browser whatever comes of it.
pub fn visit<F, J>(name: &str, address: std::net::SocketAddr, with_scripts: bool, journey: J)
where
    F: Future<Output = WebDriverResult<()>>,
    J: FnOnce(std::rc::Rc<Visit>) -> F,
{
    let driver = std::env::var(DRIVER).unwrap_or_else(|_| panic!("{DRIVER} is not set: run ./tests/run"));
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let driver = WebDriver::new(driver, browser(folder.path(), with_scripts)).await.unwrap();
        let visit = std::rc::Rc::new(Visit {
            driver: driver.clone(),
            base: format!("http://{address}"),
            name: name.to_owned(),
            downloads: folder.path().join("downloads"),
            shots: std::cell::Cell::new(0),
        });
        let outcome = AssertUnwindSafe(journey(visit.clone())).catch_unwind().await;
        if !matches!(outcome, Ok(Ok(()))) {
            let _ = visit.shot("where-it-ended").await;
            eprintln!("at {:?}", driver.current_url().await.map(|url| url.to_string()));
        }
        let _ = driver.quit().await;
        match outcome {
            Ok(done) => done.unwrap(),
            Err(panic) => resume_unwind(panic),
        }
    });
}

fn browser(folder: &Path, with_scripts: bool) -> ChromeCapabilities {
    let mut chrome = DesiredCapabilities::chrome();
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1800", &profile] {
        chrome.add_arg(argument).unwrap();
    }
    let mut preferences = serde_json::json!({
        "download.default_directory": folder.join("downloads"),
        "download.prompt_for_download": false,
    });
    if !with_scripts {
        preferences["profile.managed_default_content_settings.javascript"] = 2.into();
    }
    chrome.add_experimental_option("prefs", preferences).unwrap();
    chrome
}

impl Visit {
    pub async fn open(&self, path: &str) -> WebDriverResult<()> {
        self.driver.goto(format!("{}{path}", self.base)).await
    }

    /// Opens a page that asks for a session, signs in there, and waits until somebody is signed in.
    pub async fn sign_in(&self, path: &str, email: &str, password: &str) -> WebDriverResult<()> {
        self.open(path).await?;
        self.fill("email", email).await?;
        self.fill("password", password).await?;
        self.press("form[action='/login'] .btn-main").await?;
        self.see("form[action='/logout']").await.map(drop)
    }

    /// Shows pages as on a screen of this width, for somebody who likes them `light` or `dark`.
    pub async fn looks_like(&self, scheme: &str, width: u32) -> WebDriverResult<()> {
        let size = serde_json::json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        let features = serde_json::json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", serde_json::json!({ "features": features })).await?;
        Ok(())
    }

    /// Waits for an element that can be seen.
    pub async fn see(&self, css: &str) -> WebDriverResult<WebElement> {
        self.driver.query(By::Css(css)).wait(PATIENCE, Duration::from_millis(50)).first().await
    }

    pub async fn fill(&self, id: &str, text: &str) -> WebDriverResult<()> {
        self.fill_in(&format!("#{id}"), text).await
    }

    pub async fn fill_in(&self, css: &str, text: &str) -> WebDriverResult<()> {
        let field = self.see(css).await?;
        self.open_around(&field).await?;
        field.clear().await?;
        field.send_keys(text).await
    }

    /// Chooses from a list.
    pub async fn choose(&self, css: &str, value: &str) -> WebDriverResult<()> {
        let list = self.see(css).await?;
        self.open_around(&list).await?;
        list.find(By::Css(format!("option[value='{value}']"))).await?.click().await
    }

    /// Follows the link that says this.
    pub async fn follow(&self, words: &str) -> WebDriverResult<()> {
        let link = self.driver.find(By::XPath(format!("//a[contains(., '{words}')]"))).await?;
        link.scroll_into_view().await?;
        link.click().await
    }

    pub async fn press(&self, css: &str) -> WebDriverResult<()> {
        let button = self.see(css).await?;
        self.open_around(&button).await?;
        button.scroll_into_view().await?;
        button.click().await
    }

    /// Opens the folded part that an element stands in, by its summary, as a person does.
    async fn open_around(&self, element: &WebElement) -> WebDriverResult<()> {
        let folded = element.find_all(By::XPath("ancestor::details[not(@open)]")).await?;
        for part in folded {
            part.find(By::Tag("summary")).await?.click().await?;
        }
        Ok(())
    }

    /// Waits until the page says this.
    pub async fn read(&self, words: &str) -> WebDriverResult<String> {
        let mut text = String::new();
        for _ in 0..PATIENCE.as_millis() / 100 {
            // The page may be on its way to the next one.
            if let Ok(body) = self.driver.find(By::Tag("body")).await {
                text = body.text().await.unwrap_or_default();
            }
            if text.contains(words) {
                return Ok(text);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the page never said {words:?}: {text}");
    }

    /// Keeps a picture of the page in `target/browser/`.
    pub async fn shot(&self, of: &str) -> WebDriverResult<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser");
        std::fs::create_dir_all(&folder).unwrap();
        let number = self.shots.replace(self.shots.get() + 1) + 1;
        self.driver.screenshot(&folder.join(format!("{}-{number:02}-{of}.png", self.name))).await
    }

    /// Waits for a download to be whole.
    pub async fn downloaded(&self) -> PathBuf {
        for _ in 0..PATIENCE.as_millis() / 100 {
            let mut files =
                std::fs::read_dir(&self.downloads).into_iter().flatten().flatten().map(|entry| entry.path());
            if let Some(zip) = files.find(|path| path.extension().is_some_and(|ending| ending == "zip")) {
                return zip;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nothing was downloaded");
    }
}
