//! The tables, as both migration trees make them. A test selects every column of every table on
//! both databases.

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
        language -> Nullable<Text>,
        passkey_offer_at -> Nullable<BigInt>,
        mailbox_since -> Nullable<BigInt>,
        handle -> Nullable<Text>,
        handle_chosen_at -> Nullable<BigInt>,
        guest_until -> Nullable<BigInt>,
        guest_told_at -> Nullable<BigInt>,
        ends_at -> Nullable<BigInt>,
        end_told_at -> Nullable<BigInt>,
        end_done_at -> Nullable<BigInt>,
        time_zone -> Nullable<Text>,
    }
}

diesel::table! {
    admin_acts (id) {
        id -> BigInt,
        deed -> Text,
        by_id -> Nullable<BigInt>,
        account_id -> BigInt,
        gain_id -> Nullable<BigInt>,
        done_at -> BigInt,
        undone_at -> Nullable<BigInt>,
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
        leaving_token_hash -> Nullable<Binary>,
        leaving_code_hash -> Nullable<Binary>,
        leaving_until -> Nullable<BigInt>,
        token_made_at -> Nullable<BigInt>,
        wrong_codes -> Integer,
        last_wrong_code_hash -> Nullable<Binary>,
        mails -> Integer,
        mail_asked_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        muted_by -> Nullable<Text>,
        language -> Nullable<Text>,
        known_browser_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    attempt_links (token_hash) {
        token_hash -> Binary,
        attempt_id -> BigInt,
        kind -> Text,
        made_at -> Nullable<BigInt>,
        good_until -> Nullable<BigInt>,
        code_hash -> Nullable<Binary>,
        opened_at -> Nullable<BigInt>,
        scanned_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    domain_openings (domain) {
        domain -> Text,
        since_at -> BigInt,
        opened -> BigInt,
        scanned -> BigInt,
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
        browser -> Nullable<Text>,
        client_address -> Nullable<Text>,
        unanswered -> Integer,
        handed_at -> Nullable<BigInt>,
        urgency -> Integer,
        asker -> Integer,
        turn -> BigInt,
        language -> Nullable<Text>,
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
        known_browser_id -> Nullable<BigInt>,
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
    known_browsers (id) {
        id -> BigInt,
        account_id -> BigInt,
        secret_hash -> Binary,
        browser -> Text,
        client_address -> Nullable<Text>,
        first_used_at -> BigInt,
        last_used_at -> BigInt,
        signed_out_at -> Nullable<BigInt>,
        device_hash -> Nullable<Binary>,
        tries_ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    known_browser_links (token_hash) {
        token_hash -> Binary,
        browser_id -> BigInt,
    }
}

diesel::table! {
    passwords (account_id) {
        account_id -> BigInt,
        hash -> Text,
        set_at -> BigInt,
        from_mail -> Bool,
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
    address_change_links (token_hash) {
        token_hash -> Binary,
        change_id -> BigInt,
        made_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    gains (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        thing_id -> Nullable<BigInt>,
        mail_id -> Nullable<BigInt>,
        told -> Text,
        former -> Nullable<Text>,
        gained_at -> BigInt,
        undone_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    set_aside (account_id, kind) {
        account_id -> BigInt,
        kind -> Text,
        former -> Text,
        removed_at -> BigInt,
    }
}

diesel::table! {
    gain_links (token_hash) {
        token_hash -> Binary,
        gain_id -> BigInt,
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
        subject_id -> Nullable<BigInt>,
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
    last_times (name) {
        name -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    declared (kind, name) {
        kind -> Text,
        name -> Text,
    }
}

diesel::table! {
    starts (at) {
        at -> BigInt,
        version -> Text,
        built_from -> Text,
        migrations -> Text,
    }
}

diesel::table! {
    installation (id) {
        id -> BigInt,
        set_up_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    heartbeats (id) {
        id -> BigInt,
        beats -> BigInt,
    }
}

diesel::table! {
    housekeeping_runs (id) {
        id -> BigInt,
        ran_at -> BigInt,
        jumped_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    totp_authenticators (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        sealed_secret -> Binary,
        last_step -> BigInt,
        added_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    totp_failures (account_id) {
        account_id -> BigInt,
        wrong -> Integer,
        paused_until -> BigInt,
    }
}

diesel::table! {
    recovery_code_sets (account_id) {
        account_id -> BigInt,
        salt -> Binary,
        made_at -> BigInt,
    }
}

diesel::table! {
    recovery_codes (account_id, code_hash) {
        account_id -> BigInt,
        code_hash -> Binary,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    passkeys (id) {
        id -> BigInt,
        account_id -> BigInt,
        credential_id -> Binary,
        name -> Text,
        aaguid -> Text,
        credential -> Text,
        added_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    passkey_ceremonies (secret_hash) {
        secret_hash -> Binary,
        purpose -> Text,
        account_id -> Nullable<BigInt>,
        bound_to -> Nullable<BigInt>,
        state -> Text,
        begun_at -> BigInt,
    }
}

diesel::table! {
    pending_sign_ins (id) {
        id -> BigInt,
        secret_hash -> Binary,
        account_id -> BigInt,
        attempt_id -> Nullable<BigInt>,
        remember -> Bool,
        return_to -> Text,
        begun_at -> BigInt,
    }
}

diesel::table! {
    pending_proofs (pending_id, method) {
        pending_id -> BigInt,
        method -> Text,
        proven_at -> BigInt,
    }
}

diesel::table! {
    trusted_devices (id) {
        id -> BigInt,
        secret_hash -> Binary,
        account_id -> BigInt,
        browser -> Text,
        client_address -> Nullable<Text>,
        trusted_at -> BigInt,
        last_used_at -> BigInt,
    }
}

diesel::table! {
    recoveries (id) {
        id -> BigInt,
        account_id -> BigInt,
        asked_by -> Text,
        asked_at -> BigInt,
        due_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        browser -> Nullable<Text>,
        client_address -> Nullable<Text>,
    }
}

diesel::table! {
    recovery_links (token_hash) {
        token_hash -> Binary,
        recovery_id -> BigInt,
    }
}

diesel::table! {
    invitations (account_id) {
        account_id -> BigInt,
        email -> Text,
        inviter -> Text,
        mail_id -> BigInt,
        asked_at -> BigInt,
        token_hash -> Nullable<Binary>,
        accepted_at -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        opened_at -> Nullable<BigInt>,
        earlier_token_hash -> Nullable<Binary>,
    }
}

diesel::table! {
    audit_seals (number) {
        number -> BigInt,
        until_at -> BigInt,
        until_id -> BigInt,
        lines -> BigInt,
        hash -> Binary,
        sealed_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    change_log (place) {
        place -> BigInt,
        account_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    sealing_keys (id) {
        id -> Text,
        first_used_at -> BigInt,
    }
}

diesel::table! {
    groups (id) {
        id -> BigInt,
        name -> Text,
        note -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    group_members (group_id, account_id) {
        group_id -> BigInt,
        account_id -> BigInt,
        added_at -> BigInt,
    }
}

diesel::table! {
    apps (id) {
        id -> BigInt,
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
        origin -> Text,
        created_at -> BigInt,
        disabled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    app_groups (app_id, group_id) {
        app_id -> BigInt,
        group_id -> BigInt,
    }
}

diesel::table! {
    app_people (app_id, account_id) {
        app_id -> BigInt,
        account_id -> BigInt,
        ends_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    app_hosts (host, port, wildcard) {
        host -> Text,
        port -> Integer,
        wildcard -> Bool,
        scheme -> Text,
        app_id -> BigInt,
    }
}

diesel::table! {
    app_public_paths (app_id, prefix) {
        app_id -> BigInt,
        prefix -> Text,
    }
}

diesel::table! {
    app_asks (id) {
        id -> BigInt,
        app_id -> BigInt,
        account_id -> BigInt,
        asked_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    app_exits (session_id, app_id) {
        session_id -> BigInt,
        app_id -> BigInt,
        left_at -> BigInt,
        is_out -> Bool,
    }
}

diesel::table! {
    app_troubles (app_id, trouble) {
        app_id -> BigInt,
        trouble -> Text,
        last_at -> BigInt,
    }
}

diesel::table! {
    app_refusals (app_id, cause_hash) {
        app_id -> BigInt,
        cause_hash -> Binary,
        cause -> Text,
        detail -> Text,
        times -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    app_uses (account_id, app_id) {
        account_id -> BigInt,
        app_id -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    used_handles (handle) {
        handle -> Text,
        account_id -> BigInt,
    }
}

diesel::table! {
    oidc_keys (id) {
        id -> BigInt,
        kid -> Text,
        alg -> Text,
        public_jwk -> Text,
        sealed_private -> Binary,
        made_at -> BigInt,
        signs_from -> BigInt,
    }
}

diesel::table! {
    oidc_clients (app_id) {
        app_id -> BigInt,
        client_id -> Text,
        is_public -> Bool,
        pkce_required -> Bool,
        id_token_alg -> Text,
        id_token_small -> Bool,
        groups_claim -> Text,
        refreshes -> Text,
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
        pkce_last_seen -> Nullable<BigInt>,
        pkce_last_missed -> Nullable<BigInt>,
        access_token_kind -> Text,
        name_claim -> Nullable<Text>,
        groups_shape -> Text,
    }
}

diesel::table! {
    oidc_secrets (id) {
        id -> BigInt,
        app_id -> BigInt,
        secret_hash -> Binary,
        made_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        hint -> Text,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    oidc_uris (app_id, kind, uri) {
        app_id -> BigInt,
        kind -> Text,
        uri -> Text,
    }
}

diesel::table! {
    oidc_grants (id) {
        id -> BigInt,
        app_id -> BigInt,
        account_id -> BigInt,
        session_id -> Nullable<BigInt>,
        code_id -> Binary,
        scopes -> Text,
        claims -> Text,
        auth_time -> BigInt,
        acr -> Text,
        amr -> Text,
        offline -> Bool,
        generation -> Integer,
        refreshed_at -> BigInt,
        created_at -> BigInt,
        ends_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        attempt_id -> Nullable<BigInt>,
        known_browser_id -> Nullable<BigInt>,
        strength -> Text,
    }
}

diesel::table! {
    oidc_access_tokens (token_hash) {
        token_hash -> Binary,
        grant_id -> BigInt,
        scopes -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    oidc_consents (account_id, app_id) {
        account_id -> BigInt,
        app_id -> BigInt,
        scopes -> Text,
        given_at -> BigInt,
    }
}

diesel::table! {
    oidc_device_codes (id) {
        id -> BigInt,
        device_hash -> Binary,
        user_code_hash -> Binary,
        app_id -> BigInt,
        scopes -> Text,
        client_address -> Nullable<Text>,
        asked_at -> BigInt,
        expires_at -> BigInt,
        pause -> BigInt,
        polled_at -> Nullable<BigInt>,
        decision -> Text,
        decided_at -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        session_id -> Nullable<BigInt>,
        auth_time -> BigInt,
        acr -> Text,
        amr -> Text,
    }
}

diesel::table! {
    oidc_assertions (app_id, jti_hash) {
        app_id -> BigInt,
        jti_hash -> Binary,
        forget_at -> BigInt,
    }
}

diesel::table! {
    logout_notices (grant_id) {
        grant_id -> BigInt,
        app_id -> BigInt,
        account_id -> BigInt,
        state -> Text,
        tries -> Integer,
        due_at -> BigInt,
        give_up_at -> BigInt,
        reply -> Text,
        settled_at -> Nullable<BigInt>,
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
