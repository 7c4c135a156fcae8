//! Threads of the program itself, which end with whoever started them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// A thread that works until this is dropped, which waits for what it is at.
pub struct Worker {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts it under this name; `work` looks at the [`Stop`] before each piece, and rests upon it between two.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(name: &str, work: impl FnOnce(&Stop) + Send + 'static) -> std::io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let told = stop.clone();
        let thread = Builder::new().name(name.to_owned()).spawn(move || work(&told))?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Tells it to stop, without waiting.
    pub fn tell(&self) {
        self.stop.tell();
    }

    /// Tells it to stop, and waits until it has.
    pub fn end(&mut self) {
        self.tell();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether a worker was told to stop.
#[derive(Default)]
pub struct Stop {
    told: Mutex<bool>,
    news: Condvar,
}

impl Stop {
    /// Was it?
    pub fn is_told(&self) -> bool {
        *self.lock()
    }

    /// Waits so long, or until it is.
    pub fn rest(&self, span: Duration) {
        let waited = self.news.wait_timeout_while(self.lock(), span, |told| !*told);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn tell(&self) {
        *self.lock() = true;
        self.news.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_worker_that_rests_ends_when_it_is_dropped() {
        let (tell, told) = mpsc::channel();
        let worker = Worker::start("test", move |stop| {
            while !stop.is_told() {
                let _ = tell.send("works");
                stop.rest(Duration::MAX);
            }
            let _ = tell.send("ends");
        });
        assert_eq!(told.recv(), Ok("works"));
        drop(worker);
        assert_eq!(told.try_recv(), Ok("ends"));
    }
}
