//! The tables, as both migration trees make them. A test selects every column of every table on both databases.

diesel::table! {
    accounts (id) {
        id -> BigInt,
        email -> Text,
        name -> Text,
        is_admin -> Bool,
        disabled_at -> Nullable<BigInt>,
        proven_at -> Nullable<BigInt>,
        created_at -> BigInt,
        origin -> Text,
        last_signed_in_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    attempts (id) {
        id -> BigInt,
        purpose -> Text,
        email -> Text,
        account_id -> Nullable<BigInt>,
        session_id -> Nullable<BigInt>,
        verifier_hash -> Nullable<Binary>,
        browser -> Text,
        client_address -> Nullable<Text>,
        requested_at -> BigInt,
        muted -> Bool,
        remember -> Bool,
        return_to -> Text,
        token_hash -> Nullable<Binary>,
        code_hash -> Nullable<Binary>,
        expires_at -> Nullable<BigInt>,
        wrong_codes -> Integer,
        mails -> Integer,
        mail_asked_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    attempt_links (token_hash) {
        token_hash -> Binary,
        attempt_id -> BigInt,
        kind -> Text,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        kind -> Text,
        attempt_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        recipient -> Text,
        domain -> Text,
        note -> Text,
        state -> Text,
        created_at -> BigInt,
        due_at -> BigInt,
        give_up_at -> BigInt,
        tries -> Integer,
        lease -> Nullable<BigInt>,
        leased_until -> Nullable<BigInt>,
        reply -> Text,
        settled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    mail_domains (domain) {
        domain -> Text,
        failures -> Integer,
        paused_until -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        secret_hash -> Binary,
        account_id -> BigInt,
        attempt_id -> Nullable<BigInt>,
        remember -> Bool,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        ends_at -> BigInt,
        browser -> Text,
        client_address -> Nullable<Text>,
    }
}

diesel::table! {
    session_proofs (session_id, method) {
        session_id -> BigInt,
        method -> Text,
        proven_at -> BigInt,
    }
}

diesel::table! {
    devices (secret_hash) {
        secret_hash -> Binary,
        account_id -> BigInt,
        last_used_at -> BigInt,
    }
}

diesel::table! {
    passwords (account_id) {
        account_id -> BigInt,
        hash -> Text,
        set_at -> BigInt,
    }
}

diesel::table! {
    held_forms (id) {
        id -> BigInt,
        session_id -> BigInt,
        path -> Text,
        fields -> Text,
        held_at -> BigInt,
    }
}

diesel::table! {
    address_changes (id) {
        id -> BigInt,
        account_id -> BigInt,
        old_email -> Text,
        new_email -> Text,
        undo_hash -> Nullable<Binary>,
        changed_at -> BigInt,
        undone_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    logo (id) {
        id -> BigInt,
        png -> Binary,
        changed_at -> BigInt,
    }
}

diesel::table! {
    limits (name) {
        name -> Text,
        allowed -> Binary,
        forget_at -> BigInt,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        at -> BigInt,
        actor_id -> Nullable<BigInt>,
        actor -> Text,
        action -> Text,
        subject -> Text,
        value_before -> Nullable<Text>,
        value_after -> Nullable<Text>,
        client_address -> Nullable<Text>,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    installation (id) {
        id -> BigInt,
        set_up_at -> Nullable<BigInt>,
    }
}

diesel::joinable!(devices -> accounts (account_id));
diesel::joinable!(passwords -> accounts (account_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    attempts,
    attempt_links,
    outbox,
    mail_domains,
    sessions,
    session_proofs,
    devices,
    passwords,
    held_forms,
    address_changes,
    settings,
    limits,
    logo,
    audit,
    installation
);
