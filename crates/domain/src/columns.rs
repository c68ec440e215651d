//! SQL types of the values that a database stores, for Diesel. It compares no moment with a number
//! and no account's id with a session's. Nor does it compare a token's hash with a code's.
//!
//! They are beside the values, because Rust lets no other crate say how Diesel compares these.

use crate::{EmailAddress, Timestamp, TokenHash, id::Id};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow, Queryable},
    expression::AsExpression,
    internal::derives::as_expression::Bound,
    query_builder::QueryId,
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Binary, Nullable, SqlOrd, SqlType, Text},
};
use std::{any::type_name, fmt, marker::PhantomData, str::FromStr};

/// Type of a [`Timestamp`], stored as its milliseconds.
#[derive(Clone, Copy, QueryId, SqlType)]
#[diesel(sqlite_type(name = "Long"), postgres_type(oid = 20, array_oid = 1016))]
pub struct Moment;

/// Type of a [`TokenHash`], stored as its 32 bytes.
#[derive(Clone, Copy, QueryId, SqlType)]
#[diesel(sqlite_type(name = "Binary"), postgres_type(oid = 17, array_oid = 1001))]
pub struct Sha256;

/// Type of the [`Id`] of a `Noun`, stored as its number.
#[derive(SqlType)]
#[diesel(sqlite_type(name = "Long"), postgres_type(oid = 20, array_oid = 1016))]
pub struct Identifier<Noun: 'static>(PhantomData<fn() -> Noun>);

/// Type of a [`Named`] variant of `Enum`, stored as its name. Another name would make the rows of
/// before unreadable, so that `tests/it/stored_names.rs` holds each.
#[derive(SqlType)]
#[diesel(sqlite_type(name = "Text"), postgres_type(oid = 25, array_oid = 1009))]
pub struct Name<Enum: 'static>(PhantomData<fn() -> Enum>);

/// A variant, as a row has it. One of a newer version is unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Name<Enum>)]
pub struct Named<Enum: 'static>(pub Enum);

// By hand, because derived ones would ask the same of `Noun`.
impl<Noun: 'static> Clone for Identifier<Noun> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Noun: 'static> Copy for Identifier<Noun> {}

impl<Noun: 'static> QueryId for Identifier<Noun> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Enum: 'static> Clone for Name<Enum> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Enum: 'static> Copy for Name<Enum> {}

impl<Enum: 'static> QueryId for Name<Enum> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl SqlOrd for Moment {}

impl<Noun: 'static> SqlOrd for Identifier<Noun> {}

impl<DB> ToSql<Moment, DB> for Timestamp
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<BigInt, DB>::to_sql(self.as_ref(), out)
    }
}

impl<DB> FromSql<Moment, DB> for Timestamp
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(value).map(Self::from_millis)
    }
}

impl<DB> Queryable<Moment, DB> for Timestamp
where
    DB: Backend,
    Self: FromSql<Moment, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

impl AsExpression<Moment> for Timestamp {
    type Expression = Bound<Moment, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl AsExpression<Moment> for &Timestamp {
    type Expression = Bound<Moment, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl AsExpression<Nullable<Moment>> for Timestamp {
    type Expression = Bound<Nullable<Moment>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl AsExpression<Nullable<Moment>> for &Timestamp {
    type Expression = Bound<Nullable<Moment>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<DB> ToSql<Nullable<Moment>, DB> for Timestamp
where
    DB: Backend,
    Self: ToSql<Moment, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<Moment, DB>::to_sql(self, out)
    }
}

impl<DB> ToSql<Sha256, DB> for TokenHash
where
    DB: Backend,
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<Binary, DB>::to_sql(self.as_bytes().as_slice(), out)
    }
}

impl<DB> FromSql<Sha256, DB> for TokenHash
where
    DB: Backend,
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = Vec::<u8>::from_sql(value)?;
        // Without the bytes, because an error reaches the log.
        Self::from_slice(&bytes).ok_or_else(|| "a hash has the wrong length".into())
    }
}

impl<DB> Queryable<Sha256, DB> for TokenHash
where
    DB: Backend,
    Self: FromSql<Sha256, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

impl AsExpression<Sha256> for TokenHash {
    type Expression = Bound<Sha256, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl AsExpression<Sha256> for &TokenHash {
    type Expression = Bound<Sha256, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl AsExpression<Nullable<Sha256>> for TokenHash {
    type Expression = Bound<Nullable<Sha256>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl AsExpression<Nullable<Sha256>> for &TokenHash {
    type Expression = Bound<Nullable<Sha256>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<DB> ToSql<Nullable<Sha256>, DB> for TokenHash
where
    DB: Backend,
    Self: ToSql<Sha256, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<Sha256, DB>::to_sql(self, out)
    }
}

impl<Noun, DB> ToSql<Identifier<Noun>, DB> for Id<Noun>
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<BigInt, DB>::to_sql(self.as_ref(), out)
    }
}

impl<Noun, DB> FromSql<Identifier<Noun>, DB> for Id<Noun>
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(value).map(Self::from_i64)
    }
}

impl<Noun: 'static, DB> Queryable<Identifier<Noun>, DB> for Id<Noun>
where
    DB: Backend,
    Self: FromSql<Identifier<Noun>, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

impl<Noun: 'static> AsExpression<Identifier<Noun>> for Id<Noun> {
    type Expression = Bound<Identifier<Noun>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<Noun: 'static> AsExpression<Identifier<Noun>> for &Id<Noun> {
    type Expression = Bound<Identifier<Noun>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<Noun: 'static> AsExpression<Nullable<Identifier<Noun>>> for Id<Noun> {
    type Expression = Bound<Nullable<Identifier<Noun>>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<Noun: 'static> AsExpression<Nullable<Identifier<Noun>>> for &Id<Noun> {
    type Expression = Bound<Nullable<Identifier<Noun>>, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<Noun: 'static, DB> ToSql<Nullable<Identifier<Noun>>, DB> for Id<Noun>
where
    DB: Backend,
    Self: ToSql<Identifier<Noun>, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<Identifier<Noun>, DB>::to_sql(self, out)
    }
}

// Its columns are text, so that parts of an address can be searched.
impl<DB> FromSql<Text, DB> for EmailAddress
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Self::parse(&String::from_sql(value)?).map_err(|_| "the stored email address cannot be read".into())
    }
}

impl<DB> Queryable<Text, DB> for EmailAddress
where
    DB: Backend,
    Self: FromSql<Text, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

impl<Enum, DB> ToSql<Name<Enum>, DB> for Named<Enum>
where
    Enum: Copy + fmt::Debug + Into<&'static str>,
    DB: Backend,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<Text, DB>::to_sql(self.0.into(), out)
    }
}

impl<Enum, DB> FromSql<Name<Enum>, DB> for Named<Enum>
where
    Enum: FromStr,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let kind = type_name::<Enum>().rsplit("::").next();
        // Without the text, because an error reaches the log.
        let unreadable = |_| format!("the stored {} cannot be read", kind.unwrap_or_default()).into();
        String::from_sql(value)?.parse().map(Self).map_err(unreadable)
    }
}
