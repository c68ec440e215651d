//! Work that goes on after the client has hung up.

use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tokio::runtime::Handle;

/// A future that ends even if it is given up.
///
/// A browser that disconnects does not interrupt what it asked for. Work gets a task only after
/// a disconnect. A task for each request would wake a second thread for every answer.
pub(super) struct Finishing<T>(Option<Work<T>>)
where
    T: Send + 'static;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send> Finishing<T> {
    pub(super) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<T: Send> Future for Finishing<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.0.as_mut() else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<T: Send> Drop for Finishing<T> {
    fn drop(&mut self) {
        // Without a runtime, the process is ending.
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn work_that_was_given_up_ends_all_the_same() {
        let (go, gone) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let mut work = Finishing::new(async move {
            let _ = gone.await;
            let _ = tell.send("done");
        });
        let polled = Pin::new(&mut work).poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        drop(work);
        go.send(()).unwrap();
        assert_eq!(told.await, Ok("done"));
    }

    #[tokio::test]
    async fn work_that_was_never_begun_ends_too() {
        let (tell, told) = oneshot::channel();
        drop(Finishing::new(async move { tell.send("done") }));
        assert_eq!(told.await, Ok("done"));
    }

    #[tokio::test]
    async fn what_ended_gives_its_value_once() {
        assert_eq!(Finishing::new(async { 7 }).await, 7);
    }
}
