//! The tables, as both migration trees make them. A test selects every column of every table on
//! both databases.

diesel::table! {
    use crate::db::columns::*;
    accounts (id) {
        id -> Identifier<Account>,
        email -> Text,
        name -> Text,
        is_admin -> Bool,
        disabled_at -> Nullable<Moment>,
        proven_at -> Nullable<Moment>,
        created_at -> Moment,
        origin -> Name<AccountOrigin>,
        last_signed_in_at -> Nullable<Moment>,
        language -> Nullable<Text>,
        passkey_offer_at -> Nullable<Moment>,
        mailbox_since -> Nullable<Moment>,
        handle -> Nullable<Text>,
        handle_chosen_at -> Nullable<Moment>,
        guest_until -> Nullable<Moment>,
        guest_told_at -> Nullable<Moment>,
        ends_at -> Nullable<Moment>,
        end_told_at -> Nullable<Moment>,
        end_done_at -> Nullable<Moment>,
        time_zone -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    admin_acts (id) {
        id -> BigInt,
        deed -> Name<AdminActKind>,
        by_id -> Nullable<Identifier<Account>>,
        account_id -> Identifier<Account>,
        gain_id -> Nullable<Identifier<Gained>>,
        done_at -> Moment,
        undone_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    attempts (id) {
        id -> Identifier<Attempt>,
        purpose -> Name<Purpose>,
        email -> Text,
        account_id -> Nullable<Identifier<Account>>,
        session_id -> Nullable<Identifier<Session>>,
        verifier_hash -> Nullable<Sha256>,
        browser -> Text,
        client_address -> Nullable<Text>,
        requested_at -> Moment,
        muted -> Bool,
        remember -> Bool,
        return_to -> Text,
        token_hash -> Nullable<Sha256>,
        code_hash -> Nullable<Binary>,
        expires_at -> Nullable<Moment>,
        leaving_token_hash -> Nullable<Sha256>,
        leaving_code_hash -> Nullable<Binary>,
        leaving_until -> Nullable<Moment>,
        token_made_at -> Nullable<Moment>,
        wrong_codes -> Integer,
        last_wrong_code_hash -> Nullable<Binary>,
        mails -> Integer,
        mail_asked_at -> Moment,
        ended_at -> Nullable<Moment>,
        outcome -> Nullable<Name<AttemptOutcome>>,
        muted_by -> Nullable<Text>,
        language -> Nullable<Text>,
        known_browser_id -> Nullable<Identifier<KnownBrowser>>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    attempt_links (token_hash) {
        token_hash -> Sha256,
        attempt_id -> Identifier<Attempt>,
        kind -> Name<LinkKind>,
        made_at -> Nullable<Moment>,
        good_until -> Nullable<Moment>,
        code_hash -> Nullable<Binary>,
        opened_at -> Nullable<Moment>,
        scanned_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    domain_openings (domain) {
        domain -> Text,
        since_at -> Moment,
        opened -> BigInt,
        scanned -> BigInt,
    }
}

diesel::table! {
    use crate::db::columns::*;
    outbox (id) {
        id -> Identifier<QueuedMail>,
        kind -> Text,
        attempt_id -> Nullable<Identifier<Attempt>>,
        account_id -> Nullable<Identifier<Account>>,
        recipient -> Text,
        domain -> Text,
        note -> Text,
        state -> Name<MailState>,
        created_at -> Moment,
        due_at -> Moment,
        give_up_at -> Moment,
        tries -> Integer,
        lease -> Nullable<BigInt>,
        leased_until -> Nullable<Moment>,
        reply -> Text,
        settled_at -> Nullable<Moment>,
        browser -> Nullable<Text>,
        client_address -> Nullable<Text>,
        unanswered -> Integer,
        handed_at -> Nullable<Moment>,
        urgency -> Integer,
        asker -> Integer,
        turn -> Moment,
        language -> Nullable<Text>,
        counted_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    mail_domains (domain) {
        domain -> Text,
        failures -> Integer,
        paused_until -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    sessions (id) {
        id -> Identifier<Session>,
        secret_hash -> Sha256,
        account_id -> Identifier<Account>,
        attempt_id -> Nullable<Identifier<Attempt>>,
        remember -> Bool,
        created_at -> Moment,
        last_seen_at -> Moment,
        ends_at -> Moment,
        browser -> Text,
        client_address -> Nullable<Text>,
        known_browser_id -> Nullable<Identifier<KnownBrowser>>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    session_proofs (session_id, method) {
        session_id -> Identifier<Session>,
        method -> Name<Method>,
        proven_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    devices (secret_hash) {
        secret_hash -> Sha256,
        account_id -> Identifier<Account>,
        last_used_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    known_browsers (id) {
        id -> Identifier<KnownBrowser>,
        account_id -> Identifier<Account>,
        secret_hash -> Sha256,
        browser -> Text,
        client_address -> Nullable<Text>,
        first_used_at -> Moment,
        last_used_at -> Moment,
        signed_out_at -> Nullable<Moment>,
        device_hash -> Nullable<Sha256>,
        tries_ended_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    known_browser_links (token_hash) {
        token_hash -> Sha256,
        browser_id -> Identifier<KnownBrowser>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    passwords (account_id) {
        account_id -> Identifier<Account>,
        hash -> Text,
        set_at -> Moment,
        from_mail -> Bool,
    }
}

diesel::table! {
    use crate::db::columns::*;
    held_forms (id) {
        id -> Identifier<HeldForm>,
        session_id -> Identifier<Session>,
        path -> Text,
        fields -> Text,
        held_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    address_changes (id) {
        id -> Identifier<AddressChange>,
        account_id -> Identifier<Account>,
        old_email -> Text,
        new_email -> Text,
        undo_hash -> Nullable<Sha256>,
        changed_at -> Moment,
        undone_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    address_change_links (token_hash) {
        token_hash -> Sha256,
        change_id -> Identifier<AddressChange>,
        made_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    gains (id) {
        id -> Identifier<Gained>,
        account_id -> Identifier<Account>,
        kind -> Name<Gain>,
        thing_id -> Nullable<BigInt>,
        mail_id -> Nullable<Identifier<QueuedMail>>,
        told -> Text,
        former -> Nullable<Text>,
        gained_at -> Moment,
        undone_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    set_aside (account_id, kind) {
        account_id -> Identifier<Account>,
        kind -> Name<Gain>,
        former -> Text,
        removed_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    gain_links (token_hash) {
        token_hash -> Sha256,
        gain_id -> Identifier<Gained>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    settings (name) {
        name -> Text,
        value -> Text,
        changed_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    logo (id) {
        id -> BigInt,
        png -> Binary,
        changed_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    limits (name) {
        name -> Text,
        allowed -> Binary,
        forget_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    audit (id) {
        id -> Identifier<AuditEntry>,
        at -> Moment,
        actor_id -> Nullable<Identifier<Account>>,
        actor -> Text,
        action -> Text,
        subject -> Text,
        value_before -> Nullable<Text>,
        value_after -> Nullable<Text>,
        client_address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        subject_id -> Nullable<Identifier<Account>>,
        browser -> Nullable<Text>,
    }
}

diesel::table! {
    sign_in_hours (hour, what) {
        hour -> BigInt,
        what -> Text,
        number -> BigInt,
    }
}

diesel::table! {
    use crate::db::columns::*;
    last_times (name) {
        name -> Name<Noted>,
        at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    declared (kind, name) {
        kind -> Name<Declared>,
        name -> Text,
    }
}

diesel::table! {
    use crate::db::columns::*;
    starts (at) {
        at -> Moment,
        version -> Text,
        built_from -> Text,
        migrations -> Text,
    }
}

diesel::table! {
    use crate::db::columns::*;
    installation (id) {
        id -> BigInt,
        set_up_at -> Nullable<Moment>,
    }
}

diesel::table! {
    heartbeats (id) {
        id -> BigInt,
        beats -> BigInt,
    }
}

diesel::table! {
    use crate::db::columns::*;
    housekeeping_runs (id) {
        id -> BigInt,
        ran_at -> Moment,
        jumped_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    totp_authenticators (id) {
        id -> Identifier<Authenticator>,
        account_id -> Identifier<Account>,
        name -> Text,
        sealed_secret -> Binary,
        last_step -> BigInt,
        added_at -> Moment,
        confirmed_at -> Nullable<Moment>,
        last_used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    totp_failures (account_id) {
        account_id -> Identifier<Account>,
        wrong -> Integer,
        paused_until -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    recovery_code_sets (account_id) {
        account_id -> Identifier<Account>,
        salt -> Binary,
        made_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    recovery_codes (account_id, code_hash) {
        account_id -> Identifier<Account>,
        code_hash -> Binary,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    passkeys (id) {
        id -> Identifier<Passkey>,
        account_id -> Identifier<Account>,
        credential_id -> Binary,
        name -> Text,
        aaguid -> Text,
        credential -> Text,
        added_at -> Moment,
        last_used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    passkey_ceremonies (secret_hash) {
        secret_hash -> Sha256,
        purpose -> Text,
        account_id -> Nullable<Identifier<Account>>,
        bound_to -> Nullable<BigInt>,
        state -> Text,
        begun_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    pending_sign_ins (id) {
        id -> Identifier<Pending>,
        secret_hash -> Sha256,
        account_id -> Identifier<Account>,
        attempt_id -> Nullable<Identifier<Attempt>>,
        remember -> Bool,
        return_to -> Text,
        begun_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    pending_proofs (pending_id, method) {
        pending_id -> Identifier<Pending>,
        method -> Name<Method>,
        proven_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    trusted_devices (id) {
        id -> Identifier<TrustedDevice>,
        secret_hash -> Sha256,
        account_id -> Identifier<Account>,
        browser -> Text,
        client_address -> Nullable<Text>,
        trusted_at -> Moment,
        last_used_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    recoveries (id) {
        id -> Identifier<Recovery>,
        account_id -> Identifier<Account>,
        asked_by -> Name<AskedBy>,
        asked_at -> Moment,
        due_at -> Moment,
        ended_at -> Nullable<Moment>,
        outcome -> Nullable<Name<RecoveryOutcome>>,
        browser -> Nullable<Text>,
        client_address -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    recovery_links (token_hash) {
        token_hash -> Sha256,
        recovery_id -> Identifier<Recovery>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    invitations (account_id) {
        account_id -> Identifier<Account>,
        email -> Text,
        inviter -> Text,
        mail_id -> Identifier<QueuedMail>,
        asked_at -> Moment,
        token_hash -> Nullable<Sha256>,
        accepted_at -> Nullable<Moment>,
        expires_at -> Nullable<Moment>,
        opened_at -> Nullable<Moment>,
        earlier_token_hash -> Nullable<Sha256>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    audit_seals (number) {
        number -> BigInt,
        until_at -> Moment,
        until_id -> BigInt,
        lines -> BigInt,
        hash -> Binary,
        sealed_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    change_log (place) {
        place -> BigInt,
        account_id -> Nullable<Identifier<Account>>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    sealing_keys (id) {
        id -> Text,
        first_used_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    groups (id) {
        id -> Identifier<Group>,
        name -> Text,
        note -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    group_members (group_id, account_id) {
        group_id -> Identifier<Group>,
        account_id -> Identifier<Account>,
        added_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    apps (id) {
        id -> Identifier<App>,
        slug -> Text,
        name -> Text,
        description -> Text,
        launch_url -> Nullable<Text>,
        icon -> Nullable<Binary>,
        icon_version -> Nullable<Text>,
        hidden -> Bool,
        position -> Integer,
        requires -> Text,
        fresh_within -> Nullable<BigInt>,
        everyone -> Bool,
        preflights -> Bool,
        popup -> Bool,
        origin -> Name<AppOrigin>,
        created_at -> Moment,
        disabled_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_groups (app_id, group_id) {
        app_id -> Identifier<App>,
        group_id -> Identifier<Group>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_people (app_id, account_id) {
        app_id -> Identifier<App>,
        account_id -> Identifier<Account>,
        ends_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_hosts (host, port, wildcard) {
        host -> Text,
        port -> Integer,
        wildcard -> Bool,
        scheme -> Text,
        app_id -> Identifier<App>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_public_paths (app_id, prefix) {
        app_id -> Identifier<App>,
        prefix -> Text,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_asks (id) {
        id -> Identifier<Ask>,
        app_id -> Identifier<App>,
        account_id -> Identifier<Account>,
        asked_at -> Moment,
        answered_at -> Nullable<Moment>,
        answer -> Nullable<Name<Answer>>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_exits (session_id, app_id) {
        session_id -> Identifier<Session>,
        app_id -> Identifier<App>,
        left_at -> Moment,
        is_out -> Bool,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_troubles (app_id, trouble) {
        app_id -> Identifier<App>,
        trouble -> Text,
        last_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_refusals (app_id, cause_hash) {
        app_id -> Identifier<App>,
        cause_hash -> Binary,
        cause -> Text,
        detail -> Text,
        times -> BigInt,
        last_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    app_uses (account_id, app_id) {
        account_id -> Identifier<Account>,
        app_id -> Identifier<App>,
        last_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    used_handles (handle) {
        handle -> Text,
        account_id -> Identifier<Account>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_keys (id) {
        id -> Identifier<StoredKey>,
        kid -> Text,
        alg -> Name<SigningAlg>,
        public_jwk -> Text,
        sealed_private -> Binary,
        made_at -> Moment,
        signs_from -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_clients (app_id) {
        app_id -> Identifier<App>,
        client_id -> Text,
        is_public -> Bool,
        pkce_required -> Bool,
        id_token_alg -> Name<SigningAlg>,
        id_token_small -> Bool,
        groups_claim -> Text,
        refreshes -> Name<Refreshes>,
        rotates -> Bool,
        third_party -> Bool,
        access_lifetime -> BigInt,
        refresh_idle -> BigInt,
        refresh_absolute -> BigInt,
        backchannel_logout_uri -> Nullable<Text>,
        preset -> Nullable<Text>,
        device_grant -> Bool,
        jwks -> Nullable<Text>,
        jwks_uri -> Nullable<Text>,
        pkce_last_seen -> Nullable<Moment>,
        pkce_last_missed -> Nullable<Moment>,
        access_token_kind -> Name<AccessTokens>,
        name_claim -> Nullable<Text>,
        groups_shape -> Name<GroupsShape>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_secrets (id) {
        id -> Identifier<Secret>,
        app_id -> Identifier<App>,
        secret_hash -> Sha256,
        made_at -> Moment,
        expires_at -> Nullable<Moment>,
        hint -> Text,
        last_used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_uris (app_id, kind, uri) {
        app_id -> Identifier<App>,
        kind -> Name<UriKind>,
        uri -> Text,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_grants (id) {
        id -> Identifier<Grant>,
        app_id -> Identifier<App>,
        account_id -> Identifier<Account>,
        session_id -> Nullable<Identifier<Session>>,
        code_id -> Binary,
        scopes -> Text,
        claims -> Text,
        auth_time -> Moment,
        acr -> Text,
        amr -> Text,
        offline -> Bool,
        generation -> Integer,
        refreshed_at -> Moment,
        created_at -> Moment,
        ends_at -> Moment,
        ended_at -> Nullable<Moment>,
        attempt_id -> Nullable<Identifier<Attempt>>,
        known_browser_id -> Nullable<Identifier<KnownBrowser>>,
        strength -> Name<Strength>,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_access_tokens (token_hash) {
        token_hash -> Sha256,
        grant_id -> Identifier<Grant>,
        scopes -> Text,
        expires_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_consents (account_id, app_id) {
        account_id -> Identifier<Account>,
        app_id -> Identifier<App>,
        scopes -> Text,
        given_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_device_codes (id) {
        id -> Identifier<DeviceCode>,
        device_hash -> Sha256,
        user_code_hash -> Binary,
        app_id -> Identifier<App>,
        scopes -> Text,
        client_address -> Nullable<Text>,
        asked_at -> Moment,
        expires_at -> Moment,
        pause -> BigInt,
        polled_at -> Nullable<Moment>,
        decision -> Name<Decision>,
        decided_at -> Nullable<Moment>,
        account_id -> Nullable<Identifier<Account>>,
        session_id -> Nullable<Identifier<Session>>,
        auth_time -> Moment,
        acr -> Text,
        amr -> Text,
    }
}

diesel::table! {
    use crate::db::columns::*;
    oidc_assertions (app_id, jti_hash) {
        app_id -> Identifier<App>,
        jti_hash -> Binary,
        forget_at -> Moment,
    }
}

diesel::table! {
    use crate::db::columns::*;
    logout_notices (grant_id) {
        grant_id -> Identifier<Grant>,
        app_id -> Identifier<App>,
        account_id -> Identifier<Account>,
        state -> Name<NoticeState>,
        tries -> Integer,
        due_at -> Moment,
        give_up_at -> Moment,
        reply -> Text,
        settled_at -> Nullable<Moment>,
    }
}

diesel::joinable!(known_browsers -> accounts (account_id));
diesel::joinable!(devices -> accounts (account_id));
diesel::joinable!(known_browser_links -> known_browsers (browser_id));
diesel::joinable!(invitations -> accounts (account_id));
diesel::joinable!(passwords -> accounts (account_id));
diesel::joinable!(passkeys -> accounts (account_id));
diesel::joinable!(recoveries -> accounts (account_id));
diesel::joinable!(address_change_links -> address_changes (change_id));
diesel::joinable!(app_asks -> accounts (account_id));
diesel::joinable!(app_hosts -> apps (app_id));
diesel::joinable!(app_people -> accounts (account_id));
diesel::joinable!(group_members -> accounts (account_id));
diesel::joinable!(group_members -> groups (group_id));
diesel::joinable!(oidc_access_tokens -> oidc_grants (grant_id));
diesel::joinable!(gain_links -> gains (gain_id));
diesel::joinable!(recovery_links -> recoveries (recovery_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::allow_tables_to_appear_in_same_query!(known_browsers, accounts);
diesel::allow_tables_to_appear_in_same_query!(devices, accounts);
diesel::allow_tables_to_appear_in_same_query!(known_browser_links, known_browsers);
diesel::allow_tables_to_appear_in_same_query!(invitations, accounts);
diesel::allow_tables_to_appear_in_same_query!(passwords, accounts);
diesel::allow_tables_to_appear_in_same_query!(passkeys, accounts);
diesel::allow_tables_to_appear_in_same_query!(recoveries, accounts);
diesel::allow_tables_to_appear_in_same_query!(address_change_links, address_changes);
diesel::allow_tables_to_appear_in_same_query!(app_asks, accounts);
diesel::allow_tables_to_appear_in_same_query!(app_hosts, apps);
diesel::allow_tables_to_appear_in_same_query!(app_people, accounts);
diesel::allow_tables_to_appear_in_same_query!(group_members, accounts);
diesel::allow_tables_to_appear_in_same_query!(group_members, groups);
diesel::allow_tables_to_appear_in_same_query!(oidc_access_tokens, oidc_grants);
diesel::allow_tables_to_appear_in_same_query!(gain_links, gains);
diesel::allow_tables_to_appear_in_same_query!(recovery_links, recoveries);
diesel::allow_tables_to_appear_in_same_query!(sessions, accounts);
diesel::allow_tables_to_appear_in_same_query!(apps, oidc_clients, oidc_uris, oidc_secrets);
diesel::allow_tables_to_appear_in_same_query!(apps, app_refusals);
diesel::allow_tables_to_appear_in_same_query!(apps, app_troubles);
diesel::allow_tables_to_appear_in_same_query!(attempts, sessions, oidc_grants);
diesel::allow_tables_to_appear_in_same_query!(attempts, attempt_links);
diesel::allow_tables_to_appear_in_same_query!(admin_acts, gains);
diesel::allow_tables_to_appear_in_same_query!(accounts, totp_authenticators);
