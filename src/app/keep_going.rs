//! Background work that runs until the server tells it to stop.

use crate::outbox::StopSignal;
use rocket::futures::FutureExt;
use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

/// Pause after a panic. The log must not fill with repeated panics, and users who wait for an email
/// must not give up.
pub(super) const PAUSE: Duration = Duration::from_secs(5);

/// Runs what `begin` begins until it ends by itself. After a panic or a failed beginning it begins
/// again after `pause`, without disturbing anything else.
pub(super) async fn keep_going<W>(
    what: &'static str,
    pause: Duration,
    mut begin: impl FnMut() -> Result<W, String>,
    mut stop: StopSignal,
) where
    W: Future<Output = ()>,
{
    loop {
        let problem = match begin() {
            // Its state is dropped with it, so that nothing half-done is used again.
            Ok(work) => match AssertUnwindSafe(work).catch_unwind().await {
                Ok(()) => return,
                Err(_) => "it panicked".to_owned(),
            },
            Err(problem) => problem,
        };
        tracing::error!(what, problem, "background work failed and begins again in {pause:?}");
        tokio::select! {
            biased;
            () = stop.wanted() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rocket::futures::future::{BoxFuture, join};

    fn times(
        most: usize,
        each: impl Fn(usize) -> Result<BoxFuture<'static, ()>, String>,
    ) -> impl FnMut() -> Result<BoxFuture<'static, ()>, String> {
        let mut begun = 0;
        move || {
            begun += 1;
            assert!(begun <= most, "begun too often");
            each(begun)
        }
    }

    #[rocket::async_test]
    async fn what_panics_or_cannot_begin_is_begun_anew_and_what_ends_is_not() {
        let (done, mut told) = tokio::sync::mpsc::unbounded_channel();
        let begin = times(4, |n| match n {
            2 => Err("not yet".to_owned()),
            n => {
                let done = done.clone();
                Ok(async move {
                    tokio::task::yield_now().await;
                    assert!(n == 4, "panics on purpose");
                    let _ = done.send(n);
                }
                .boxed())
            }
        });
        keep_going("a test", Duration::ZERO, begin, StopSignal::never()).await;
        assert_eq!(told.try_recv(), Ok(4));
    }

    #[rocket::async_test]
    async fn whoever_waits_to_begin_anew_stops_at_once() {
        let (running, stop) = StopSignal::pair();
        let begin = times(1, |_| Err("not today".to_owned()));
        let going = keep_going("a test", Duration::from_secs(3600), begin, stop);
        join(going, async { drop(running) }).await;
    }

    #[rocket::async_test]
    async fn one_that_panics_does_not_end_another() {
        let (running, stop) = StopSignal::pair();
        let mut told = stop.clone();
        let other = keep_going(
            "another",
            Duration::ZERO,
            times(1, |_| {
                let mut told = told.clone();
                Ok(async move { told.wanted().await }.boxed())
            }),
            stop.clone(),
        );
        let panics = keep_going(
            "a test",
            Duration::ZERO,
            times(3, |n| Ok(async move { assert!(n == 3, "panics on purpose") }.boxed())),
            stop,
        );
        join(other, async {
            panics.await;
            drop(running);
        })
        .await;
        told.wanted().await;
    }
}
