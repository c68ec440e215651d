//! Why the work of a transaction ends early.

use super::Error;

/// A refusal, which commits, or a fault, which rolls back.
///
/// A count of wrong codes or a challenge that a refused caller has used up must stay used up. A
/// refusal is therefore no [`Error`], and [`Stop::commit`] keeps what the work has written. A route
/// outside of transactions has another kind of fault.
#[derive(Debug)]
pub enum Stop<R, F = Error> {
    Refused(R),
    Fault(F),
}

impl<R> Stop<R> {
    /// Makes a refusal the result of the transaction, so that it commits.
    pub fn commit<T>(ended: Result<T, Self>) -> Result<Result<T, R>, Error> {
        Self::split(ended)
    }
}

impl<R, F> Stop<R, F> {
    /// Sets a refusal apart from a fault, for a caller that answers it.
    pub fn split<T>(ended: Result<T, Self>) -> Result<Result<T, R>, F> {
        match ended {
            Ok(done) => Ok(Ok(done)),
            Err(Self::Refused(refusal)) => Ok(Err(refusal)),
            Err(Self::Fault(fault)) => Err(fault),
        }
    }

    /// Returns the same with another refusal.
    pub fn map<S>(self, change: impl FnOnce(R) -> S) -> Stop<S, F> {
        match self {
            Self::Refused(refusal) => Stop::Refused(change(refusal)),
            Self::Fault(fault) => Stop::Fault(fault),
        }
    }
}

impl<R> From<Error> for Stop<R> {
    fn from(fault: Error) -> Self {
        Self::Fault(fault)
    }
}
