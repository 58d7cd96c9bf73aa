// Made by `manage.py sdk_types` from the OpenAPI document.

export interface paths {
    "/api/admin/logs": {
        /** The instance's audit log */
        get: operations["admin_logs"];
    };
    "/api/admin/relay": {
        /** What the relay carried, and for whom */
        get: operations["admin_relay"];
    };
    "/api/admin/reports": {
        /** The queue of reports */
        get: operations["admin_report_list"];
    };
    "/api/admin/reports/{report_id}": {
        /** One report with its evidence */
        get: operations["admin_report"];
    };
    "/api/admin/reports/{report_id}/decide": {
        /** Decide on a report */
        post: operations["admin_report_decide"];
    };
    "/api/admin/servers": {
        /** Look servers up */
        get: operations["admin_server_list"];
    };
    "/api/admin/servers/{server_id}": {
        /** One server */
        get: operations["admin_server"];
        /** Delete a server */
        delete: operations["admin_server_delete"];
    };
    "/api/admin/servers/{server_id}/block": {
        /** Block a server */
        post: operations["admin_server_block"];
    };
    "/api/admin/servers/{server_id}/unblock": {
        /** Unblock a server */
        post: operations["admin_server_unblock"];
    };
    "/api/admin/stats": {
        /** Figures of the instance */
        get: operations["admin_stats"];
    };
    "/api/admin/users": {
        /** Look users up */
        get: operations["admin_user_list"];
    };
    "/api/admin/users/{user_id}": {
        /** One user */
        get: operations["admin_user"];
        /** Change a user's global role, or block him */
        put: operations["admin_user_update"];
        /** Delete a user */
        delete: operations["admin_user_delete"];
    };
    "/api/admin/users/{user_id}/block": {
        /** Block a user */
        post: operations["admin_user_block"];
    };
    "/api/admin/users/{user_id}/unblock": {
        /** Unblock a user */
        post: operations["admin_user_unblock"];
    };
    "/api/attachments": {
        /** Upload a file */
        post: operations["attachments_create"];
    };
    "/api/attachments/{attachment_id}": {
        /** Take an upload back */
        delete: operations["attachments_destroy"];
    };
    "/api/attachments/{attachment_id}/{filename}": {
        /** The file */
        get: operations["attachments_file"];
    };
    "/api/auth/email/confirm": {
        /** Confirm an e-mail address by a link */
        post: operations["email_confirm"];
    };
    "/api/auth/email/send": {
        /** Ask for a link that confirms one's e-mail */
        post: operations["email_send"];
    };
    "/api/auth/login": {
        /** Sign in */
        post: operations["auth_login_create"];
    };
    "/api/auth/me": {
        /** The caller's account */
        get: operations["auth_me_retrieve"];
    };
    "/api/auth/password/forgot": {
        /** Ask for a link to a new password */
        post: operations["password_forgot"];
    };
    "/api/auth/password/reset": {
        /** Set a new password by a link */
        post: operations["password_reset"];
    };
    "/api/auth/register": {
        /** Sign up */
        post: operations["auth_register_create"];
    };
    "/api/auth/sessions": {
        /** Sessions of the caller */
        get: operations["auth_sessions_list"];
        /** Sign out everywhere */
        delete: operations["session_end_all"];
    };
    "/api/auth/sessions/{session_id}": {
        /** End one session */
        delete: operations["auth_sessions_destroy"];
    };
    "/api/auth/sessions/current": {
        /** Sign out */
        delete: operations["session_end_current"];
    };
    "/api/auth/two-factor": {
        /** The caller's second factor */
        get: operations["two_factor"];
    };
    "/api/auth/two-factor/disable": {
        /** Turn two-factor authentication off */
        post: operations["two_factor_disable"];
    };
    "/api/auth/two-factor/enable": {
        /** Turn two-factor authentication on */
        post: operations["two_factor_enable"];
    };
    "/api/auth/two-factor/login": {
        /** Sign in, second half */
        post: operations["two_factor_login"];
    };
    "/api/auth/two-factor/recovery-codes": {
        /** New recovery codes */
        post: operations["recovery_codes_renew"];
    };
    "/api/auth/two-factor/setup": {
        /** A secret for an authenticator app */
        post: operations["two_factor_setup"];
    };
    "/api/auth/users/{user_id}": {
        /** Change one's name or e-mail */
        put: operations["auth_users_update"];
    };
    "/api/auth/users/{user_id}/password": {
        /** Change one's password; all other sessions end */
        put: operations["auth_users_password_update"];
    };
    "/api/bots": {
        /** The caller's bots */
        get: operations["bots_list"];
        /** Make a bot */
        post: operations["bots_create"];
    };
    "/api/bots/{bot_id}": {
        /** One of the caller's bots */
        get: operations["bots_retrieve"];
        /** Change a bot */
        put: operations["bots_update"];
        /** Delete a bot */
        delete: operations["bots_destroy"];
    };
    "/api/bots/{bot_id}/tokens": {
        /** Tokens of a bot */
        get: operations["bot_tokens_list"];
        /** Make a token */
        post: operations["bot_tokens_create"];
    };
    "/api/bots/{bot_id}/tokens/{token_id}": {
        /** Revoke a token */
        delete: operations["bot_tokens_destroy"];
    };
    "/api/bots/me": {
        /** The bot that asks */
        get: operations["bot_own"];
    };
    "/api/dms": {
        /** List one's conversations */
        get: operations["dms_list"];
        /** Open a direct conversation */
        post: operations["dms_open"];
    };
    "/api/dms/{channel_id}": {
        /** Read a conversation */
        get: operations["dms_get"];
        /** Name a group */
        put: operations["dms_rename"];
    };
    "/api/dms/{channel_id}/participants/{user_id}": {
        /** Add somebody to a group */
        put: operations["dms_participant_add"];
        /** Leave a group, or remove somebody */
        delete: operations["dms_participant_remove"];
    };
    "/api/dms/groups": {
        /** Make a group */
        post: operations["dms_group_create"];
    };
    "/api/event-hooks/{hook_id}": {
        /** One event hook */
        get: operations["event_hooks_retrieve"];
        /** Change an event hook */
        put: operations["event_hooks_update"];
        /** Delete an event hook */
        delete: operations["event_hooks_destroy"];
    };
    "/api/event-hooks/{hook_id}/deliveries": {
        /** What came of the last attempts */
        get: operations["event_hook_deliveries"];
    };
    "/api/event-hooks/{hook_id}/ping": {
        /** Try an event hook */
        post: operations["event_hook_ping"];
    };
    "/api/friends": {
        /** Friends of the caller */
        get: operations["friend_list"];
    };
    "/api/friends/{id}": {
        /** Remove a friend, or decline a request */
        delete: operations["friend_remove"];
    };
    "/api/friends/accept/{request_id}": {
        /** Accept a request */
        post: operations["friend_request_accept"];
    };
    "/api/friends/block/{user_id}": {
        /** Block somebody */
        post: operations["friend_block"];
        /** Lift a block */
        delete: operations["friend_unblock"];
    };
    "/api/friends/blocked": {
        /** People the caller has blocked */
        get: operations["friend_blocked_list"];
    };
    "/api/friends/request": {
        /** Ask somebody to be friends */
        post: operations["friend_request_send"];
    };
    "/api/friends/requests": {
        /** Requests to and from the caller */
        get: operations["friend_request_list"];
    };
    "/api/health": {
        /** Does the process live */
        get: operations["health_retrieve"];
    };
    "/api/info": {
        /** Name, version and palette */
        get: operations["info_retrieve"];
    };
    "/api/invite/{invite_id}": {
        /** Delete an invite */
        delete: operations["invite_destroy"];
    };
    "/api/invite/{server_id}/invite": {
        /** Create an invite */
        post: operations["invite_invite_create"];
    };
    "/api/invite/{server_id}/invites": {
        /** Invites of a server */
        get: operations["invite_invites_list"];
    };
    "/api/invite/invite/{token}": {
        /** What an invite leads to */
        get: operations["invite_invite_retrieve"];
    };
    "/api/invite/invite/{token}/accept": {
        /** Accept an invite */
        post: operations["invite_invite_accept_create"];
    };
    "/api/login": {
        /** Sign in by e-mail or username */
        post: operations["login_create"];
    };
    "/api/meeting/{meeting_id}/info": {
        /** Who is in a meeting */
        get: operations["meeting_info_retrieve"];
    };
    "/api/meeting/join": {
        /** Enter a meeting, or make one */
        post: operations["meeting_join_create"];
    };
    "/api/meeting/leave": {
        /** Leave a meeting */
        post: operations["meeting_leave_create"];
    };
    "/api/messages": {
        /** Messages of a channel */
        get: operations["messages_page"];
        /** Write a message */
        post: operations["messages_create"];
    };
    "/api/messages/{message_id}": {
        /** One message */
        get: operations["messages_retrieve"];
        /** Edit a message */
        put: operations["messages_update"];
        /** Delete a message */
        delete: operations["messages_destroy"];
    };
    "/api/messages/{message_id}/history": {
        /** What a message said before */
        get: operations["messages_history_list"];
    };
    "/api/messages/{message_id}/pin": {
        /** Pin a message */
        put: operations["messages_pin_update"];
        /** Unpin a message */
        delete: operations["messages_pin_destroy"];
    };
    "/api/messages/{message_id}/reactions/{emoji}": {
        /** React to a message */
        put: operations["messages_reactions_update"];
        /** Take one's reaction back */
        delete: operations["messages_reactions_destroy"];
    };
    "/api/messages/{message_id}/reactions/{emoji}/{user_id}": {
        /** Remove somebody's reaction */
        delete: operations["messages_reactions_remove"];
    };
    "/api/messages/bulk-delete": {
        /** Delete many messages */
        post: operations["messages_bulk_delete_create"];
    };
    "/api/messages/mentions": {
        /** Messages that name the caller */
        get: operations["messages_mentions"];
    };
    "/api/messages/pins": {
        /** Pinned messages of a channel */
        get: operations["messages_pins"];
    };
    "/api/messages/read": {
        /** Say how far one has read */
        put: operations["messages_read"];
    };
    "/api/messages/search": {
        /** Search a channel */
        get: operations["messages_search"];
    };
    "/api/messages/unread": {
        /** What is unread */
        get: operations["messages_unread"];
    };
    "/api/reports": {
        /** The caller's reports */
        get: operations["reports_page"];
        /** Report a message or a user */
        post: operations["reports_create"];
    };
    "/api/reports/{report_id}": {
        /** One of the caller's reports */
        get: operations["reports_retrieve"];
    };
    "/api/reports/{report_id}/appeal": {
        /** Appeal against a decision */
        post: operations["reports_appeal"];
    };
    "/api/reports/against-me": {
        /** Decided reports about the caller */
        get: operations["reports_against_me"];
    };
    "/api/room/{room_id}/info": {
        /** Who is in a room */
        get: operations["room_info_retrieve"];
    };
    "/api/room/join": {
        /** Enter a room, or make one */
        post: operations["room_join_create"];
    };
    "/api/room/leave": {
        /** Leave a room */
        post: operations["room_leave_create"];
    };
    "/api/rooms/join": {
        /** Take a place in a room, or in a new one */
        post: operations["hub_rooms_join"];
    };
    "/api/rooms/leave": {
        /** Give a place in a room up */
        post: operations["hub_rooms_leave"];
    };
    "/api/rooms/stats": {
        /** Open rooms and who is connected */
        get: operations["hub_rooms_stats"];
    };
    "/api/serverMembers/{server_id}/members": {
        /** Members of a server */
        get: operations["serverMembers_members_list"];
        /** Add a member */
        post: operations["serverMembers_members_create"];
    };
    "/api/serverMembers/{server_id}/members/{member_id}": {
        /** One member */
        get: operations["serverMembers_members_retrieve"];
        /** Set the member role */
        put: operations["serverMembers_members_update"];
        /** Kick a member, or leave */
        delete: operations["serverMembers_members_destroy"];
        /** Set or take away the nickname */
        patch: operations["serverMembers_members_partial_update"];
    };
    "/api/serverMembers/{server_id}/members/{member_id}/ban": {
        /** Ban a member */
        post: operations["serverMembers_members_ban_create"];
    };
    "/api/serverMembers/{server_id}/members/{member_id}/move": {
        /** Move to a voice channel, or out of calls */
        post: operations["member_move"];
    };
    "/api/serverMembers/{server_id}/members/{member_id}/roles": {
        /** Replace the custom roles */
        put: operations["serverMembers_members_roles_update"];
    };
    "/api/serverMembers/{server_id}/members/{member_id}/timeout": {
        /** Time a member out */
        patch: operations["member_timeout"];
    };
    "/api/serverMembers/{server_id}/members/{member_id}/voice": {
        /** Mute or deafen in voice channels */
        patch: operations["serverMembers_members_voice_partial_update"];
    };
    "/api/serverMembers/{server_id}/members/me": {
        /** The caller's membership */
        get: operations["member_own"];
        /** Leave the server */
        delete: operations["member_leave"];
    };
    "/api/serverMembers/{server_id}/owner": {
        /** Hand the server over */
        post: operations["serverMembers_owner_create"];
    };
    "/api/servers": {
        /** Servers the caller is a member of */
        get: operations["servers_list"];
        /** Create a server */
        post: operations["servers_create"];
    };
    "/api/servers/{server_id}": {
        /** One server */
        get: operations["servers_retrieve"];
        /** Change a server */
        put: operations["servers_update"];
        /** Delete a server */
        delete: operations["servers_destroy"];
    };
    "/api/servers/{server_id}/audit": {
        /** The server's audit log */
        get: operations["server_audit"];
    };
    "/api/servers/{server_id}/bans": {
        /** Bans of a server */
        get: operations["servers_bans_list"];
    };
    "/api/servers/{server_id}/bans/{user_id}": {
        /** Lift a ban */
        delete: operations["servers_bans_destroy"];
    };
    "/api/servers/{server_id}/bots": {
        /** Add a bot to a server */
        post: operations["server_bot_add"];
    };
    "/api/servers/{server_id}/categories": {
        /** Categories of a server */
        get: operations["servers_categories_list"];
        /** Create a category */
        post: operations["servers_categories_create"];
    };
    "/api/servers/{server_id}/categories/{category_id}": {
        /** Change a category */
        put: operations["servers_categories_update"];
        /** Delete a category */
        delete: operations["servers_categories_destroy"];
    };
    "/api/servers/{server_id}/channels": {
        /** Channels of a server */
        get: operations["servers_channels_list"];
        /** Create a channel */
        post: operations["servers_channels_create"];
    };
    "/api/servers/{server_id}/channels/{channel_id}": {
        /** One channel */
        get: operations["servers_channels_retrieve"];
        /** Change a channel */
        put: operations["servers_channels_update"];
        /** Delete a channel */
        delete: operations["servers_channels_destroy"];
    };
    "/api/servers/{server_id}/channels/{channel_id}/permissions": {
        /** What a channel gives and takes */
        get: operations["overwrite_list"];
    };
    "/api/servers/{server_id}/channels/{channel_id}/permissions/members/{member_id}": {
        /** Give and take in a channel, by member */
        put: operations["overwrite_member_put"];
        /** Treat a member in a channel as everywhere */
        delete: operations["overwrite_member_delete"];
    };
    "/api/servers/{server_id}/channels/{channel_id}/permissions/roles/{role_id}": {
        /** Give and take in a channel, by role */
        put: operations["overwrite_role_put"];
        /** Treat a role in a channel as everywhere */
        delete: operations["overwrite_role_delete"];
    };
    "/api/servers/{server_id}/channels/{channel_id}/webhooks": {
        /** Webhooks of a channel */
        get: operations["webhooks_list"];
        /** Make a webhook */
        post: operations["webhooks_create"];
    };
    "/api/servers/{server_id}/channels/order": {
        /** Arrange channels */
        put: operations["channel_order"];
    };
    "/api/servers/{server_id}/event-hooks": {
        /** Event hooks of a server */
        get: operations["servers_event_hooks_list"];
        /** Have events pushed to a URL */
        post: operations["servers_event_hooks_create"];
    };
    "/api/servers/{server_id}/permissions/explain": {
        /** Why somebody may or may not */
        get: operations["permissions_explain"];
    };
    "/api/servers/{server_id}/roles": {
        /** Roles of a server */
        get: operations["servers_roles_list"];
        /** Create a role */
        post: operations["servers_roles_create"];
    };
    "/api/servers/{server_id}/roles/{role_id}": {
        /** Delete a role */
        delete: operations["servers_roles_destroy"];
        /** Change a role */
        patch: operations["servers_roles_partial_update"];
    };
    "/api/servers/{server_id}/roles/members/{member_id}/roles/{role_id}": {
        /** Give a member a role */
        post: operations["servers_roles_members_roles_create"];
        /** Take a role from a member */
        delete: operations["servers_roles_members_roles_destroy"];
    };
    "/api/users": {
        /** The caller's profile */
        get: operations["profile_own"];
        /** Change one's profile */
        put: operations["users_update"];
        /** Delete one's account */
        delete: operations["users_destroy"];
    };
    "/api/users/{user_id}": {
        /** Somebody's profile */
        get: operations["users_retrieve"];
    };
    "/api/voice/doctor": {
        /** What stands between this instance and a call */
        get: operations["voice_doctor"];
    };
    "/api/voice/ice-servers": {
        /** How peers find a way to each other */
        get: operations["voice_ice_servers_retrieve"];
    };
    "/api/voice/sessions": {
        /** One's voice sessions */
        get: operations["voice_sessions"];
    };
    "/api/voice/sessions/{session_id}/timeline": {
        /** What happened in a call */
        get: operations["voice_session_timeline"];
    };
    "/api/webhooks/{webhook_id}": {
        /** One webhook */
        get: operations["webhooks_retrieve"];
        /** Change a webhook */
        put: operations["webhooks_update"];
        /** Delete a webhook */
        delete: operations["webhooks_destroy"];
    };
    "/api/webhooks/{webhook_id}/{token}": {
        /** Write a message by a webhook */
        post: operations["webhook_message"];
    };
    "/api/webhooks/{webhook_id}/token": {
        /** Give a webhook a new address */
        post: operations["webhook_rotate"];
    };
    "/readyz": {
        /** Can the process work */
        get: operations["readyz_retrieve"];
    };
    "/rooms": {
        /** Open rooms and who is in them */
        get: operations["rooms_retrieve"];
    };
}
export interface components {
    schemas: {
        AcceptedOutput: {
            message: string;
            member: components["schemas"]["MemberOutput"];
            server: components["schemas"]["ServerOutput"];
        };
        /** @description Of a sign-in, and of every call of somebody who was signed in when he was blocked. */
        AccountBlockedOutput: {
            error: string;
            code: number;
            /** Format: date-time */
            blockedAt: string | null;
            /** @description Id of the administrator */
            blockedBy: number | null;
            blockReason: string | null;
        };
        AccountInputRequest: {
            /** @description 3 to 25 letters of any script, digits, dots, hyphens and underscores */
            username?: string;
            /** Format: email */
            email?: string;
        };
        AccountOutput: {
            id: number;
            username: string;
            /** Format: email */
            email: string;
            role: components["schemas"]["GlobalRoleEnum"];
            isActive: boolean;
        };
        /** @description What whoever is concerned may read of a report. */
        AdminReportDetailOutput: {
            id: number;
            targetType: components["schemas"]["TargetTypeEnum"];
            targetId: number;
            category: components["schemas"]["CategoryEnum"];
            status: components["schemas"]["ReportStatusEnum"];
            decision: components["schemas"]["DecisionEnum"] | components["schemas"]["NullEnum"];
            decisionReason: string | null;
            /** Format: date-time */
            decidedAt: string | null;
            reason: string;
            /** Format: date-time */
            createdAt: string;
            reporter: components["schemas"]["NamedUserOutput"] | null;
            /** @description The reported user, or the message's author */
            accused: components["schemas"]["NamedUserOutput"] | null;
            decidedBy: components["schemas"]["NamedUserOutput"] | null;
            appeal: string | null;
            /** Format: date-time */
            appealedAt: string | null;
            evidence: components["schemas"]["EvidenceOutput"];
        };
        AdminReportListOutput: {
            total: number;
            page: number;
            limit: number;
            totalPages: number;
            reports: components["schemas"]["AdminReportOutput"][];
        };
        /** @description What whoever is concerned may read of a report. */
        AdminReportOutput: {
            id: number;
            targetType: components["schemas"]["TargetTypeEnum"];
            targetId: number;
            category: components["schemas"]["CategoryEnum"];
            status: components["schemas"]["ReportStatusEnum"];
            decision: components["schemas"]["DecisionEnum"] | components["schemas"]["NullEnum"];
            decisionReason: string | null;
            /** Format: date-time */
            decidedAt: string | null;
            reason: string;
            /** Format: date-time */
            createdAt: string;
            reporter: components["schemas"]["NamedUserOutput"] | null;
            /** @description The reported user, or the message's author */
            accused: components["schemas"]["NamedUserOutput"] | null;
            decidedBy: components["schemas"]["NamedUserOutput"] | null;
            appeal: string | null;
            /** Format: date-time */
            appealedAt: string | null;
        };
        /** @description Wants a server of moderation.selectors.server_rows. */
        AdminServerChangedOutput: {
            /** Format: date-time */
            blockedAt: string | null;
            blockedBy: number | null;
            blockReason: string | null;
            blockedByUser: components["schemas"]["NamedUserOutput"] | null;
            id: number;
            name: string;
            description: string | null;
            icon: string | null;
            ownerId: number;
            owner: components["schemas"]["NamedUserOutput"];
            memberCount: number;
            channelCount: number;
            isBlocked: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            message: string;
            server: components["schemas"]["AdminServerOutput"];
        };
        AdminServerListOutput: {
            total: number;
            page: number;
            limit: number;
            totalPages: number;
            servers: components["schemas"]["AdminServerOutput"][];
        };
        /** @description Wants a server of moderation.selectors.server_rows. */
        AdminServerOutput: {
            /** Format: date-time */
            blockedAt: string | null;
            blockedBy: number | null;
            blockReason: string | null;
            blockedByUser: components["schemas"]["NamedUserOutput"] | null;
            id: number;
            name: string;
            description: string | null;
            icon: string | null;
            ownerId: number;
            owner: components["schemas"]["NamedUserOutput"];
            memberCount: number;
            channelCount: number;
            isBlocked: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** @description Wants a user of moderation.selectors.user_rows. */
        AdminUserChangedOutput: {
            /** Format: date-time */
            blockedAt: string | null;
            blockedBy: number | null;
            blockReason: string | null;
            blockedByUser: components["schemas"]["NamedUserOutput"] | null;
            id: number;
            username: string;
            /** Format: email */
            email: string;
            role: components["schemas"]["GlobalRoleEnum"];
            isActive: boolean;
            profilePicture: string | null;
            status: components["schemas"]["StatusEnum"];
            tag: string;
            isBot: boolean;
            /** @description Servers the user is a member of */
            serverCount: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            message: string;
            user: components["schemas"]["AdminUserOutput"];
        };
        AdminUserListOutput: {
            total: number;
            page: number;
            limit: number;
            totalPages: number;
            users: components["schemas"]["AdminUserOutput"][];
        };
        /** @description Wants a user of moderation.selectors.user_rows. */
        AdminUserOutput: {
            /** Format: date-time */
            blockedAt: string | null;
            blockedBy: number | null;
            blockReason: string | null;
            blockedByUser: components["schemas"]["NamedUserOutput"] | null;
            id: number;
            username: string;
            /** Format: email */
            email: string;
            role: components["schemas"]["GlobalRoleEnum"];
            isActive: boolean;
            profilePicture: string | null;
            status: components["schemas"]["StatusEnum"];
            tag: string;
            isBot: boolean;
            /** @description Servers the user is a member of */
            serverCount: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        AppealInputRequest: {
            text: string;
        };
        /**
         * @description * `member` - Member
         *     * `moderator` - Moderator
         *     * `admin` - Admin
         * @enum {string}
         */
        AppointableRoleEnum: "member" | "moderator" | "admin";
        AttachmentInputRequest: {
            /** Format: int64 */
            channelId: number;
            /** Format: binary */
            file: string;
        };
        /** @description `url` is a path on this instance that opens the file without a token; it holds for 23 to 24 hours. */
        AttachmentOutput: {
            id: number;
            filename: string;
            contentType: string;
            size: number;
            url: string;
            width?: number;
            height?: number;
        };
        AuditEntryOutput: {
            id: number;
            /** Format: date-time */
            at: string;
            actorId: number | null;
            actorName: string;
            action: string;
            targetType: string;
            targetId: number;
            targetName: string;
            before: {
                [key: string]: unknown;
            } | null;
            after: {
                [key: string]: unknown;
            } | null;
            reason: string | null;
            hash: string;
            address: string | null;
        };
        AuditPageOutput: {
            entries: components["schemas"]["EntryOutput"][];
            total: number;
            page: number;
            limit: number;
            totalPages: number;
        };
        /** @description Why: kept in the server's audit log. Every act of moderation takes it, in its body or as `?reason=`. */
        BanInputRequest: {
            reason?: string | null;
            /** Format: date-time */
            expiresAt?: string | null;
        };
        BanOutput: {
            id: number;
            userId: number;
            serverId: number;
            reason: string | null;
            bannedBy: number | null;
            /** Format: date-time */
            bannedAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            user: components["schemas"]["MemberUserOutput"];
        };
        BlockedServerOutput: {
            id: number;
            name: string;
            isBlocked: boolean;
            blockReason: string | null;
            /** Format: date-time */
            blockedAt: string | null;
            blockedBy: components["schemas"]["BlockerOutput"] | null;
        };
        BlockerOutput: {
            id: number;
            username: string;
        };
        BotAddInputRequest: {
            /** Format: int64 */
            botId: number;
            /** @description Needs MANAGE_ROLES */
            roleIds?: number[];
        };
        BotInputRequest: {
            /** @description 3 to 25 letters of any script, digits, dots, hyphens and underscores */
            username: string;
            /** @description Others may add it to their servers */
            isPublic?: boolean;
            profilePicture?: (string | null) | string;
            bio?: string | null;
        };
        /** @description `scopes` are those of the token that asks. */
        BotItselfOutput: {
            id: number;
            username: string;
            ownerId: number;
            isPublic: boolean;
            isBot: boolean;
            profilePicture: string | null;
            bio: string | null;
            /** Format: date-time */
            createdAt: string;
            scopes: string[];
        };
        /** @description `id` is that of its account. */
        BotOutput: {
            id: number;
            username: string;
            ownerId: number;
            isPublic: boolean;
            isBot: boolean;
            profilePicture: string | null;
            bio: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        BotTokenInputRequest: {
            name: string;
            /** @description `servers.read`: servers with their channels, roles and first members; `members.read`: members of servers, and profiles; `messages.read`: messages, and what is unread; `messages.write`: write, edit, delete, pin; files; reactions; `servers.manage`: channels, roles and members, as far as the bot's own rights go; `voice`: calls; `events`: live events over sockets */
            scopes: components["schemas"]["ScopesEnum"][];
            /** Format: date-time */
            expiresAt?: string | null;
        };
        /** @description `token` is shown this once. */
        BotTokenMadeOutput: {
            /** Format: uuid */
            id: string;
            name: string;
            scopes: string[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSeenAt: string;
            /** Format: date-time */
            readonly expiresAt: string | null;
            token: string;
        };
        /** @description `expiresAt` null: it holds until it is revoked. */
        BotTokenOutput: {
            /** Format: uuid */
            id: string;
            name: string;
            scopes: string[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSeenAt: string;
            /** Format: date-time */
            readonly expiresAt: string | null;
        };
        BulkDeleteInputRequest: {
            /** Format: int64 */
            channelId: number;
            messageIds: number[];
        };
        BulkDeletedOutput: {
            message: string;
            deleted: number;
        };
        CallerOutput: {
            id: number;
            username: string;
        };
        /**
         * @description * `spam` - Spam
         *     * `harassment` - Harassment
         *     * `illegal` - Illegal
         *     * `other` - Other
         * @enum {string}
         */
        CategoryEnum: "spam" | "harassment" | "illegal" | "other";
        CategoryInputRequest: {
            name: string;
            position?: number;
        };
        CategoryOutput: {
            id: number;
            name: string;
            position: number;
            serverId: number;
        };
        ChannelInputRequest: {
            name: string;
            /** @default text */
            type?: components["schemas"]["ChannelTypeEnum"];
            description?: string | null;
            position?: number;
            /** Format: int64 */
            categoryId?: number | null;
            /** @description Seconds between two messages of one member */
            slowmode?: number;
            /** @description Seats in its call; 0 and null: no limit */
            userLimit?: number | null;
        };
        ChannelOrderInputRequest: {
            channels: components["schemas"]["ChannelPlaceInputRequest"][];
        };
        ChannelOutput: {
            id: number;
            name: string;
            type: components["schemas"]["ChannelTypeEnum"];
            serverId: number;
            description: string | null;
            position: number;
            categoryId: number | null;
            slowmode: number;
            userLimit: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        ChannelPlaceInputRequest: {
            /** Format: int64 */
            id: number;
            position: number;
            /** Format: int64 */
            categoryId?: number | null;
        };
        ChannelStatsOutput: {
            total: number;
            text: number;
            voice: number;
        };
        /**
         * @description * `text` - Text
         *     * `voice` - Voice
         * @enum {string}
         */
        ChannelTypeEnum: "text" | "voice";
        /** @description `setting` is the one to change, `proxy` for the configuration of the web server in front. */
        CheckOutput: {
            name: string;
            status: components["schemas"]["VerdictEnum"];
            finding: string;
            setting: string | null;
            /** @description What was seen: addresses, answers */
            detail: string;
        };
        /** @description The instance's signature under the log: entry `sequence` had this hash, and with it all before it. */
        CheckpointOutput: {
            sequence: number;
            hash: string;
            /** Format: date-time */
            at: string;
            keyId: string;
            signature: string;
        };
        CodeInputRequest: {
            /** @description Six digits of the app, or a recovery code */
            code: string;
        };
        /** @description `id` is that of its channel. Only groups have a name, which may be empty, and an owner. `unread` is counted up to 1000. */
        ConversationOutput: {
            id: number;
            type: components["schemas"]["ConversationOutputTypeEnum"];
            name: string;
            ownerId: number | null;
            participants: components["schemas"]["FriendOutput"][];
            lastMessageId: number | null;
            unread: number;
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @description * `direct` - Direct
         *     * `group` - Group
         * @enum {string}
         */
        ConversationOutputTypeEnum: "direct" | "group";
        /**
         * @description * `dismiss` - Dismiss
         *     * `warn` - Warn
         *     * `delete_message` - Delete Message
         *     * `block_user` - Block User
         * @enum {string}
         */
        DecisionEnum: "dismiss" | "warn" | "delete_message" | "block_user";
        DecisionInputRequest: {
            reason: string;
            decision: components["schemas"]["DecisionEnum"];
        };
        /** @description `status` null: there was no answer, and `error` says why. `firstSeq` null: a ping. */
        DeliveryOutput: {
            id: number;
            /** Format: date-time */
            at: string;
            status: number | null;
            error: string | null;
            latencyMs: number;
            events: number;
            firstSeq: number | null;
            lastSeq: number | null;
        };
        /** @description The permission that is lacking, and the last of the rules that decided so. */
        DetailsOutput: {
            permission: components["schemas"]["PermissionEnum"];
            chain: components["schemas"]["StepOutput"][];
        };
        DirectInputRequest: {
            /** Format: int64 */
            userId: number;
        };
        /** @description `healthy`: no check is an error. */
        DoctorOutput: {
            checks: components["schemas"]["CheckOutput"][];
            healthy: boolean;
        };
        /**
         * @description * `allow` - allow
         *     * `deny` - deny
         * @enum {string}
         */
        EffectEnum: "allow" | "deny";
        EmailConfirmInputRequest: {
            /** @description What stands behind # in the link */
            token: string;
        };
        /** @description Likewise; one's own account can be changed, too. */
        EmailUnconfirmedOutput: {
            error: string;
            code: number;
            emailConfirmation: components["schemas"]["RequiredOutput"];
        };
        EntryOutput: {
            id: number;
            /** Format: date-time */
            at: string;
            actorId: number | null;
            actorName: string;
            action: string;
            targetType: string;
            targetId: number;
            targetName: string;
            before: {
                [key: string]: unknown;
            } | null;
            after: {
                [key: string]: unknown;
            } | null;
            reason: string | null;
            hash: string;
        };
        /** @description Every refusal. `error` is a sentence for people, Russian or English by Accept-Language; `code` is the HTTP status. */
        ErrorOutput: {
            error: string;
            code: number;
        };
        EventHookChangeInputRequest: {
            url?: string;
            kinds?: components["schemas"]["KindsEnum"][];
            isEnabled?: boolean;
        };
        EventHookInputRequest: {
            url: string;
            kinds: components["schemas"]["KindsEnum"][];
        };
        /** @description `secret` signs what is pushed, and is shown this once. */
        EventHookMadeOutput: {
            id: number;
            serverId: number;
            createdBy: number;
            url: string;
            kinds: string[];
            readonly isEnabled: boolean;
            /** Format: date-time */
            disabledAt: string | null;
            disabledReason: string | null;
            failures: number;
            /** Format: date-time */
            failingSince: string | null;
            /**
             * Format: date-time
             * @description When what waits is tried again
             */
            nextAt: string | null;
            /** Format: date-time */
            createdAt: string;
            secret: string;
        };
        /** @description `disabledReason` says why it is off. `failures` since the last success. */
        EventHookOutput: {
            id: number;
            serverId: number;
            createdBy: number;
            url: string;
            kinds: string[];
            readonly isEnabled: boolean;
            /** Format: date-time */
            disabledAt: string | null;
            disabledReason: string | null;
            failures: number;
            /** Format: date-time */
            failingSince: string | null;
            /**
             * Format: date-time
             * @description When what waits is tried again
             */
            nextAt: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        /** @description As it was when it was reported. */
        EvidenceOutput: {
            message: components["schemas"]["ReportedMessageOutput"] | null;
            user: components["schemas"]["ReportedUserOutput"] | null;
        };
        /** @description The rules that have a say, in the order in which they apply; the last one decides. None: it was never granted. */
        ExplanationOutput: {
            permission: components["schemas"]["PermissionEnum"];
            granted: boolean;
            memberId: number;
            channelId: number | null;
            chain: components["schemas"]["StepOutput"][];
        };
        ForgotInputRequest: {
            email: string;
        };
        FriendOutput: {
            id: number;
            username: string;
            profilePicture: string | null;
            tag: string;
            isBot: boolean;
            status: components["schemas"]["StatusEnum"];
        };
        /** @description Whom, by id or by name. */
        FriendRequestInputRequest: {
            /** Format: int64 */
            friendId?: number;
            /** @description Without `friendId`; a tag may follow: `anna#1234` */
            username?: string;
        };
        FriendRequestListOutput: {
            incoming: components["schemas"]["IncomingRequestOutput"][];
            outgoing: components["schemas"]["OutgoingRequestOutput"][];
        };
        FriendRequestOutput: {
            id: number;
            userId: number;
            friendId: number;
            status: components["schemas"]["FriendshipStatusEnum"];
        };
        FriendRequestSentOutput: {
            message: string;
            request: components["schemas"]["FriendRequestOutput"];
        };
        /**
         * @description * `pending` - Pending
         *     * `accepted` - Accepted
         * @enum {string}
         */
        FriendshipStatusEnum: "pending" | "accepted";
        /**
         * @description * `user` - User
         *     * `moderator` - Moderator
         *     * `admin` - Admin
         * @enum {string}
         */
        GlobalRoleEnum: "user" | "moderator" | "admin";
        GroupInputRequest: {
            userIds: number[];
            name?: string;
        };
        GroupRenameInputRequest: {
            name: string;
        };
        HealthOutput: {
            service: string;
            status: string;
            /** Format: date-time */
            server_time: string;
        };
        /** @description Without `room_id` a new room. A voice channel, by its id, needs a token: here or as `Authorization`. */
        HubJoinInputRequest: {
            room_id?: string | null;
            token?: string | null;
        };
        /** @description The place of somebody who is signed in needs his token: here or as `Authorization`. */
        HubLeaveInputRequest: {
            room_id: string;
            client_id: string;
            token?: string | null;
        };
        /** @description `status` is `joined` or `left`. */
        HubPlaceOutput: {
            room_id: string;
            client_id: string;
            status: string;
        };
        HubRoomOutput: {
            room_id: string;
            clients: string[];
        };
        /** @description Open rooms, and who is connected there; a voice channel's roster is not public. */
        HubStatsOutput: {
            rooms: components["schemas"]["HubRoomOutput"][];
            total_rooms: number;
            total_clients: number;
        };
        IceServerOutput: {
            urls: string[];
            /** @description Of the relay: until when, and whose */
            username?: string;
            credential?: string;
        };
        /** @description As RTCPeerConnection takes it. */
        IceServersOutput: {
            iceServers: components["schemas"]["IceServerOutput"][];
            /** @description Seconds that the credentials hold */
            ttl: number;
        };
        IncomingRequestOutput: {
            id: number;
            user: components["schemas"]["PersonOutput"];
            /** Format: date-time */
            createdAt: string;
        };
        InfoOutput: {
            status: string;
            app: string;
            version: string;
            styles: {
                [key: string]: string;
            };
            /** Format: date-time */
            timestamp: string;
        };
        /** @description Both absent or null: unlimited. */
        InviteInputRequest: {
            maxUses?: number | null;
            /** Format: date-time */
            expiresAt?: string | null;
        };
        InviteMadeOutput: {
            invite: components["schemas"]["InviteOutput"];
        };
        InviteOutput: {
            id: number;
            /** Format: uuid */
            token: string;
            serverId: number;
            createdBy: number | null;
            maxUses: number | null;
            uses: number;
            /** Format: date-time */
            expiresAt: string | null;
        };
        /** @description Flat for the web client, nested as seed 002 has it. */
        InvitePageOutput: {
            id: number;
            /** Format: uuid */
            token: string;
            serverId: number;
            maxUses: number | null;
            uses: number;
            /** Format: date-time */
            expiresAt: string | null;
            invite: components["schemas"]["PublicInviteOutput"];
            server: components["schemas"]["PublicServerOutput"];
        };
        KeptContextOutput: {
            id: number;
            content: string;
            author: components["schemas"]["NamedUserOutput"] | null;
            /** Format: date-time */
            createdAt: string;
        };
        KeptMessageOutput: {
            id: number;
            content: string;
            channelId: number;
            channelName: string | null;
            serverId: number | null;
            serverName: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            editedAt: string | null;
        };
        KeptRevisionOutput: {
            content: string;
            editedBy: number | null;
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @description * `category-created` - category-created
         *     * `category-deleted` - category-deleted
         *     * `category-updated` - category-updated
         *     * `channel-created` - channel-created
         *     * `channel-deleted` - channel-deleted
         *     * `channel-updated` - channel-updated
         *     * `invite-created` - invite-created
         *     * `invite-deleted` - invite-deleted
         *     * `member-banned` - member-banned
         *     * `member-joined` - member-joined
         *     * `member-left` - member-left
         *     * `member-unbanned` - member-unbanned
         *     * `member-updated` - member-updated
         *     * `message-created` - message-created
         *     * `message-deleted` - message-deleted
         *     * `message-updated` - message-updated
         *     * `messages-deleted` - messages-deleted
         *     * `reaction-added` - reaction-added
         *     * `reaction-removed` - reaction-removed
         *     * `role-created` - role-created
         *     * `role-deleted` - role-deleted
         *     * `role-updated` - role-updated
         *     * `server-updated` - server-updated
         * @enum {string}
         */
        KindsEnum: "category-created" | "category-deleted" | "category-updated" | "channel-created" | "channel-deleted" | "channel-updated" | "invite-created" | "invite-deleted" | "member-banned" | "member-joined" | "member-left" | "member-unbanned" | "member-updated" | "message-created" | "message-deleted" | "message-updated" | "messages-deleted" | "reaction-added" | "reaction-removed" | "role-created" | "role-deleted" | "role-updated" | "server-updated";
        LeftOutput: {
            success: boolean;
        };
        LoginInputRequest: {
            email: string;
            /** @description At most 128 bytes in UTF-8 */
            password: string;
            /** @description Six digits of the app, or a recovery code */
            twoFactorCode?: string | null;
        };
        /** @description `system`, `errors` and `access` are what the web client shows; the instance keeps only the first of them. */
        LogsOutput: {
            total: number;
            page: number;
            limit: number;
            totalPages: number;
            /** @description The same entries as lines of text */
            system: string;
            errors: string;
            access: string;
            logs: components["schemas"]["AuditEntryOutput"][];
            /** @description The newest one */
            checkpoint: components["schemas"]["CheckpointOutput"] | null;
        };
        MeOutput: {
            id: number;
            username: string;
            /** Format: email */
            email: string;
            role: components["schemas"]["GlobalRoleEnum"];
            isActive: boolean;
            emailConfirmed: boolean;
            profilePicture: string | null;
            bio: string | null;
            status: components["schemas"]["StatusEnum"];
            tag: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        MeetingInfoOutput: {
            meeting_id: string;
            /** @description Its id: meetings have no other name */
            meeting_name: string;
            users: components["schemas"]["PlaceOutput"][];
            /** Format: date-time */
            created_at: string;
        };
        MeetingJoinInputRequest: {
            /** @description For a voice channel (`6`, `channel-6`): the token, as `Authorization` or here */
            token?: string | null;
            /** @description Without it, a new meeting */
            meeting_id?: string | null;
            user_name: string;
        };
        /** @description `users_in_meeting` are names, the caller's included. He has a minute to come. */
        MeetingJoinedOutput: {
            meeting_id: string;
            /** @description Its id: meetings have no other name */
            meeting_name: string;
            user_id: string;
            users_in_meeting: string[];
        };
        MeetingLeaveInputRequest: {
            /** @description For a voice channel (`6`, `channel-6`): the token, as `Authorization` or here */
            token?: string | null;
            meeting_id: string;
            user_id: string;
        };
        MemberInputRequest: {
            /** Format: int64 */
            userId: number;
            /** @default member */
            role?: components["schemas"]["AppointableRoleEnum"];
        };
        /** @description Built by servers.rows, as the whole server is. */
        MemberOutput: {
            id: number;
            userId: number;
            serverId: number;
            role: components["schemas"]["MemberRoleEnum"];
            user: components["schemas"]["MemberUserOutput"];
            roles: components["schemas"]["MemberRoleOutput"][];
            nickname: string | null;
            isMuted: boolean;
            isDeafened: boolean;
            /** Format: date-time */
            mutedUntil: string | null;
            /** @description The top one of the custom roles */
            highestRole: components["schemas"]["MemberRoleOutput"] | null;
            totalPermissions: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @description * `member` - Member
         *     * `moderator` - Moderator
         *     * `admin` - Admin
         *     * `owner` - Owner
         * @enum {string}
         */
        MemberRoleEnum: "member" | "moderator" | "admin" | "owner";
        MemberRoleInputRequest: {
            role: components["schemas"]["AppointableRoleEnum"];
        };
        /** @description A role as a member carries it. Permissions are decimal text: they outgrow a JavaScript number. */
        MemberRoleOutput: {
            id: number;
            name: string;
            color: string;
            permissions: string;
            position: number;
        };
        MemberRolesInputRequest: {
            roleIds: number[];
        };
        MemberUserOutput: {
            id: number;
            username: string;
            profilePicture: string | null;
            status: string;
            tag: string;
            isBot: boolean;
        };
        /** @description A message without attachments is not to be emptied. */
        MessageEditInputRequest: {
            content: string;
        };
        /** @description The same `nonce` again gets the message it got before. With attachments `content` may be empty or absent. */
        MessageInputRequest: {
            /** Format: int64 */
            channelId: number;
            content?: string;
            nonce?: string | null;
            /** Format: int64 */
            replyToId?: number | null;
            attachmentIds?: number[];
        };
        MessageOutput: {
            id: number;
            content: string;
            userId: number | null;
            channelId: number;
            replyToId: number | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            user: components["schemas"]["MessageUserOutput"] | null;
            isEdited: boolean;
            isPinned: boolean;
            reactions: components["schemas"]["ReactionOutput"][];
            attachments: components["schemas"]["AttachmentOutput"][];
            /** @description Ids of those it names by `@username` */
            mentions: number[];
            /** @description `@everyone` or `@here`, by who may */
            mentionsEveryone: boolean;
        };
        MessagePageOutput: {
            messages: components["schemas"]["MessageOutput"][];
            total: number;
            page: number;
            limit: number;
            totalPages: number;
        };
        MessageStatsOutput: {
            total: number;
            today: number;
        };
        MessageUserOutput: {
            id: number;
            username: string;
            avatar: string | null;
            /** @description A bot or a webhook, whatever it is called */
            isBot: boolean;
        };
        /** @description Every refusal. `error` is a sentence for people, Russian or English by Accept-Language; `code` is the HTTP status. */
        MissingPermissionOutput: {
            error: string;
            code: number;
            details: components["schemas"]["DetailsOutput"];
        };
        MomentOutput: {
            /** Format: date-time */
            at: string;
            kind: string;
            /** @description Whom it was about, if not oneself */
            peer: components["schemas"]["PeerOutput"] | null;
            details: {
                [key: string]: unknown;
            };
        };
        /** @description Null: out of the calls of this server. */
        MoveInputRequest: {
            /** Format: int64 */
            channelId: number | null;
        };
        MovedOutput: {
            message: string;
            userId: number;
            channelId: number | null;
        };
        NamedUserOutput: {
            id: number;
            username: string;
        };
        NeededOutput: {
            /** @description One of these would do */
            scopes: string[];
        };
        NewOwnerInputRequest: {
            /** Format: int64 */
            userId: number;
        };
        NoticeOutput: {
            message: string;
        };
        NullEnum: null;
        OfferOutput: {
            /** @description In base 32, to be typed into an app */
            secret: string;
            /** @description otpauth:// */
            uri: string;
            /** @description The same as an `<svg>` */
            qr: string;
        };
        OutgoingRequestOutput: {
            id: number;
            user: components["schemas"]["PersonOutput"];
            /** Format: date-time */
            createdAt: string;
        };
        OverwriteInputRequest: {
            /** @default 0 */
            allow?: string | number;
            /** @default 0 */
            deny?: string | number;
        };
        /** @description One of `roleId` and `memberId` is null. */
        OverwriteOutput: {
            roleId: number | null;
            memberId: number | null;
            allow: string;
            deny: string;
        };
        OwnPasswordInputRequest: {
            /** @description At most 128 bytes in UTF-8 */
            password: string;
        };
        PasswordAndCodeInputRequest: {
            /** @description At most 128 bytes in UTF-8 */
            password: string;
            /** @description Six digits of the app, or a recovery code */
            code: string;
        };
        PasswordChangedOutput: {
            message: string;
            token: string;
        };
        PasswordInputRequest: {
            /** @description At most 128 bytes in UTF-8 */
            oldPassword: string;
            /** @description At most 128 bytes in UTF-8 */
            newPassword: string;
        };
        PatchedBotInputRequest: {
            /** @description 3 to 25 letters of any script, digits, dots, hyphens and underscores */
            username?: string;
            /** @description Others may add it to their servers */
            isPublic?: boolean;
            profilePicture?: (string | null) | string;
            bio?: string | null;
        };
        PatchedCategoryInputRequest: {
            name?: string;
            position?: number;
        };
        PatchedChannelInputRequest: {
            name?: string;
            /** @default text */
            type?: components["schemas"]["ChannelTypeEnum"];
            description?: string | null;
            position?: number;
            /** Format: int64 */
            categoryId?: number | null;
            /** @description Seconds between two messages of one member */
            slowmode?: number;
            /** @description Seats in its call; 0 and null: no limit */
            userLimit?: number | null;
        };
        /** @description Null takes the nickname away. */
        PatchedNicknameInputRequest: {
            nickname?: string | null;
        };
        PatchedRoleInputRequest: {
            name?: string;
            /** @default #99AAB5 */
            color?: string;
            /** @default 0 */
            permissions?: string | number;
            position?: number;
            /** @default false */
            isHoisted?: boolean;
            /** @default false */
            isMentionable?: boolean;
        };
        PatchedServerInputRequest: {
            name?: string;
            description?: string | null;
            icon?: (string | null) | string;
        };
        /** @description Null ends it. */
        PatchedTimeoutInputRequest: {
            reason?: string | null;
            /** Format: date-time */
            mutedUntil?: string | null;
        };
        PatchedVoiceFlagsInputRequest: {
            isMuted?: boolean;
            isDeafened?: boolean;
        };
        PatchedWebhookInputRequest: {
            name?: string;
            avatarUrl?: (string | null) | string;
        };
        PeerOutput: {
            socketId: string;
            /** @description null: a guest, or an account that is gone */
            user: components["schemas"]["CallerOutput"] | null;
        };
        /**
         * @description * `CREATE_INSTANT_INVITE` - CREATE_INSTANT_INVITE
         *     * `KICK_MEMBERS` - KICK_MEMBERS
         *     * `BAN_MEMBERS` - BAN_MEMBERS
         *     * `ADMINISTRATOR` - ADMINISTRATOR
         *     * `MANAGE_CHANNELS` - MANAGE_CHANNELS
         *     * `MANAGE_GUILD` - MANAGE_GUILD
         *     * `ADD_REACTIONS` - ADD_REACTIONS
         *     * `VIEW_AUDIT_LOG` - VIEW_AUDIT_LOG
         *     * `PRIORITY_SPEAKER` - PRIORITY_SPEAKER
         *     * `STREAM` - STREAM
         *     * `VIEW_CHANNEL` - VIEW_CHANNEL
         *     * `SEND_MESSAGES` - SEND_MESSAGES
         *     * `SEND_TTS_MESSAGES` - SEND_TTS_MESSAGES
         *     * `MANAGE_MESSAGES` - MANAGE_MESSAGES
         *     * `EMBED_LINKS` - EMBED_LINKS
         *     * `ATTACH_FILES` - ATTACH_FILES
         *     * `READ_MESSAGE_HISTORY` - READ_MESSAGE_HISTORY
         *     * `MENTION_EVERYONE` - MENTION_EVERYONE
         *     * `USE_EXTERNAL_EMOJIS` - USE_EXTERNAL_EMOJIS
         *     * `VIEW_GUILD_INSIGHTS` - VIEW_GUILD_INSIGHTS
         *     * `CONNECT` - CONNECT
         *     * `SPEAK` - SPEAK
         *     * `MUTE_MEMBERS` - MUTE_MEMBERS
         *     * `DEAFEN_MEMBERS` - DEAFEN_MEMBERS
         *     * `MOVE_MEMBERS` - MOVE_MEMBERS
         *     * `USE_VAD` - USE_VAD
         *     * `CHANGE_NICKNAME` - CHANGE_NICKNAME
         *     * `MANAGE_NICKNAMES` - MANAGE_NICKNAMES
         *     * `MANAGE_ROLES` - MANAGE_ROLES
         *     * `MANAGE_WEBHOOKS` - MANAGE_WEBHOOKS
         *     * `MANAGE_EMOJIS_AND_STICKERS` - MANAGE_EMOJIS_AND_STICKERS
         *     * `USE_APPLICATION_COMMANDS` - USE_APPLICATION_COMMANDS
         *     * `REQUEST_TO_SPEAK` - REQUEST_TO_SPEAK
         *     * `MANAGE_EVENTS` - MANAGE_EVENTS
         *     * `MANAGE_THREADS` - MANAGE_THREADS
         *     * `CREATE_PUBLIC_THREADS` - CREATE_PUBLIC_THREADS
         *     * `CREATE_PRIVATE_THREADS` - CREATE_PRIVATE_THREADS
         *     * `USE_EXTERNAL_STICKERS` - USE_EXTERNAL_STICKERS
         *     * `SEND_MESSAGES_IN_THREADS` - SEND_MESSAGES_IN_THREADS
         *     * `USE_EMBEDDED_ACTIVITIES` - USE_EMBEDDED_ACTIVITIES
         *     * `MODERATE_MEMBERS` - MODERATE_MEMBERS
         * @enum {string}
         */
        PermissionEnum: "CREATE_INSTANT_INVITE" | "KICK_MEMBERS" | "BAN_MEMBERS" | "ADMINISTRATOR" | "MANAGE_CHANNELS" | "MANAGE_GUILD" | "ADD_REACTIONS" | "VIEW_AUDIT_LOG" | "PRIORITY_SPEAKER" | "STREAM" | "VIEW_CHANNEL" | "SEND_MESSAGES" | "SEND_TTS_MESSAGES" | "MANAGE_MESSAGES" | "EMBED_LINKS" | "ATTACH_FILES" | "READ_MESSAGE_HISTORY" | "MENTION_EVERYONE" | "USE_EXTERNAL_EMOJIS" | "VIEW_GUILD_INSIGHTS" | "CONNECT" | "SPEAK" | "MUTE_MEMBERS" | "DEAFEN_MEMBERS" | "MOVE_MEMBERS" | "USE_VAD" | "CHANGE_NICKNAME" | "MANAGE_NICKNAMES" | "MANAGE_ROLES" | "MANAGE_WEBHOOKS" | "MANAGE_EMOJIS_AND_STICKERS" | "USE_APPLICATION_COMMANDS" | "REQUEST_TO_SPEAK" | "MANAGE_EVENTS" | "MANAGE_THREADS" | "CREATE_PUBLIC_THREADS" | "CREATE_PRIVATE_THREADS" | "USE_EXTERNAL_STICKERS" | "SEND_MESSAGES_IN_THREADS" | "USE_EMBEDDED_ACTIVITIES" | "MODERATE_MEMBERS";
        PersonOutput: {
            id: number;
            username: string;
            profilePicture: string | null;
            tag: string;
            isBot: boolean;
        };
        PingOutput: {
            status: number | null;
            error: string | null;
            latencyMs: number;
        };
        PlaceOutput: {
            user_id: string;
            user_name: string;
            /** @description Whether the socket is open. Who is not online is gone after a minute */
            is_online: boolean;
        };
        PlainLoginInputRequest: {
            /** @description E-mail or username */
            login: string;
            /** @description At most 128 bytes in UTF-8 */
            password: string;
            /** @description Six digits of the app, or a recovery code */
            twoFactorCode?: string | null;
        };
        /** @description Seed 002 writes `name`; `username` is accepted too and wins. */
        ProfileInputRequest: {
            /** @description 3 to 25 letters of any script, digits, dots, hyphens and underscores */
            name?: string;
            /** @description 3 to 25 letters of any script, digits, dots, hyphens and underscores */
            username?: string;
            profilePicture?: (string | null) | string;
            bio?: string | null;
            status?: components["schemas"]["StatusEnum"];
        };
        /** @description Somebody as others see him; seed 002 says `username` in one answer and `name` in another, so both are there. */
        ProfileOutput: {
            id: number;
            username: string;
            name: string;
            profilePicture: string | null;
            bio: string | null;
            status: components["schemas"]["StatusEnum"];
            tag: string;
            isBot: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** @description What a stranger with the link may know; nothing of who made it. */
        PublicInviteOutput: {
            id: number;
            /** Format: uuid */
            token: string;
            serverId: number;
            maxUses: number | null;
            uses: number;
            /** Format: date-time */
            expiresAt: string | null;
        };
        PublicServerOutput: {
            id: number;
            name: string;
            description: string | null;
            icon: string | null;
        };
        /** @description Every refusal. `error` is a sentence for people, Russian or English by Accept-Language; `code` is the HTTP status. */
        RangeNotSatisfiableOutput: {
            error: string;
            code: number;
            /** @description Bytes that the file has */
            size: number;
        };
        /** @description `me`: the caller is among them. */
        ReactionOutput: {
            emoji: string;
            count: number;
            me: boolean;
        };
        ReadInputRequest: {
            /** Format: int64 */
            channelId: number;
            /** Format: int64 */
            messageId: number;
        };
        /** @description `unread` is counted up to 1000, and so are those of them that name the caller or everyone. */
        ReadStateOutput: {
            channelId: number;
            lastReadId: number | null;
            unread: number;
            mentions: number;
        };
        ReadyOutput: {
            status: string;
        };
        ReasonInputRequest: {
            reason: string;
        };
        RecoveryCodesOutput: {
            /** @description Ten, each good once; told only now */
            recoveryCodes: string[];
        };
        RegisterInputRequest: {
            /** @description 3 to 25 letters of any script, digits, dots, hyphens and underscores */
            username: string;
            /** Format: email */
            email: string;
            /** @description At most 128 bytes in UTF-8 */
            password: string;
        };
        RelayUsageListOutput: {
            total: number;
            page: number;
            limit: number;
            totalPages: number;
            days: number;
            /**
             * Format: date
             * @description The first of these days, UTC
             */
            since: string;
            totals: components["schemas"]["RelayUsageOutput"];
            users: components["schemas"]["RelayUserOutput"][];
        };
        /** @description Of application data, headers not counted. */
        RelayUsageOutput: {
            packetsUp: number;
            bytesUp: number;
            packetsDown: number;
            bytesDown: number;
        };
        /** @description Wants a row of moderation.selectors.relay_usage. */
        RelayUserOutput: {
            packetsUp: number;
            bytesUp: number;
            packetsDown: number;
            bytesDown: number;
            id: number;
            username: string;
        };
        ReportAgainstMeListOutput: {
            total: number;
            page: number;
            limit: number;
            totalPages: number;
            reports: components["schemas"]["ReportAgainstMeOutput"][];
        };
        /** @description `message` is one's own, as it was when it was reported. Nothing tells who reported it. */
        ReportAgainstMeOutput: {
            id: number;
            targetType: components["schemas"]["TargetTypeEnum"];
            targetId: number;
            category: components["schemas"]["CategoryEnum"];
            status: components["schemas"]["ReportStatusEnum"];
            decision: components["schemas"]["DecisionEnum"] | components["schemas"]["NullEnum"];
            decisionReason: string | null;
            /** Format: date-time */
            decidedAt: string | null;
            appeal: string | null;
            /** Format: date-time */
            appealedAt: string | null;
            message: components["schemas"]["KeptMessageOutput"] | null;
        };
        ReportCreateInputRequest: {
            targetType: components["schemas"]["TargetTypeEnum"];
            /** Format: int64 */
            targetId: number;
            /** @default other */
            category?: components["schemas"]["CategoryEnum"];
            reason: string;
        };
        ReportListOutput: {
            total: number;
            page: number;
            limit: number;
            totalPages: number;
            reports: components["schemas"]["ReportOutput"][];
        };
        /** @description What whoever is concerned may read of a report. */
        ReportOutput: {
            id: number;
            targetType: components["schemas"]["TargetTypeEnum"];
            targetId: number;
            category: components["schemas"]["CategoryEnum"];
            status: components["schemas"]["ReportStatusEnum"];
            decision: components["schemas"]["DecisionEnum"] | components["schemas"]["NullEnum"];
            decisionReason: string | null;
            /** Format: date-time */
            decidedAt: string | null;
            reason: string;
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @description * `open` - Open
         *     * `appealed` - Appealed
         *     * `actioned` - Actioned
         *     * `dismissed` - Dismissed
         * @enum {string}
         */
        ReportStatusEnum: "open" | "appealed" | "actioned" | "dismissed";
        /** @description `revisions`: what it said before, the newest first. `context`: what was said before it, the oldest first. */
        ReportedMessageOutput: {
            id: number;
            content: string;
            channelId: number;
            channelName: string | null;
            serverId: number | null;
            serverName: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            editedAt: string | null;
            author: components["schemas"]["NamedUserOutput"] | null;
            revisions: components["schemas"]["KeptRevisionOutput"][];
            context: components["schemas"]["KeptContextOutput"][];
        };
        ReportedUserOutput: {
            id: number;
            username: string;
            tag: string;
            bio: string | null;
            profilePicture: string | null;
        };
        RequiredOutput: {
            required: boolean;
        };
        ResetInputRequest: {
            /** @description What stands behind # in the link */
            token: string;
            /** @description At most 128 bytes in UTF-8 */
            newPassword: string;
        };
        RevisionOutput: {
            id: number;
            content: string;
            editedBy: number | null;
            /** Format: date-time */
            createdAt: string;
        };
        RoleInputRequest: {
            name: string;
            /** @default #99AAB5 */
            color?: string;
            /** @default 0 */
            permissions?: string | number;
            position?: number;
            /** @default false */
            isHoisted?: boolean;
            /** @default false */
            isMentionable?: boolean;
        };
        /** @description A role as a member carries it. Permissions are decimal text: they outgrow a JavaScript number. */
        RoleOutput: {
            id: number;
            name: string;
            color: string;
            permissions: string;
            position: number;
            isHoisted: boolean;
            isMentionable: boolean;
            serverId: number;
        };
        RoomInfoOutput: {
            room_id: string;
            users: components["schemas"]["PlaceOutput"][];
            /** Format: date-time */
            created_at: string;
        };
        /** @description What the door wants to know. */
        RoomJoinInputRequest: {
            /** @description For a voice channel (`6`, `channel-6`): the token, as `Authorization` or here */
            token?: string | null;
            /** @description Without it, a new room */
            room_id?: string | null;
            user_name: string;
        };
        /** @description `users_in_room` are names, the caller's included. He has a minute to come. */
        RoomJoinedOutput: {
            room_id: string;
            user_id: string;
            users_in_room: string[];
        };
        RoomLeaveInputRequest: {
            /** @description For a voice channel (`6`, `channel-6`): the token, as `Authorization` or here */
            token?: string | null;
            room_id: string;
            user_id: string;
        };
        RoomsOutput: {
            rooms: {
                [key: string]: string[];
            };
            total_rooms: number;
            total_users: number;
        };
        /**
         * @description * `owner` - owner
         *     * `role` - role
         *     * `administrator` - administrator
         *     * `channel-role` - channel-role
         *     * `channel-member` - channel-member
         *     * `hidden-channel` - hidden-channel
         *     * `timeout` - timeout
         * @enum {string}
         */
        RuleEnum: "owner" | "role" | "administrator" | "channel-role" | "channel-member" | "hidden-channel" | "timeout";
        /** @description Said to bots alone. */
        ScopeMissingOutput: {
            error: string;
            code: number;
            details: components["schemas"]["NeededOutput"];
        };
        /**
         * @description * `servers.read` - servers.read
         *     * `members.read` - members.read
         *     * `messages.read` - messages.read
         *     * `messages.write` - messages.write
         *     * `servers.manage` - servers.manage
         *     * `voice` - voice
         *     * `events` - events
         * @enum {string}
         */
        ScopesEnum: "servers.read" | "members.read" | "messages.read" | "messages.write" | "servers.manage" | "voice" | "events";
        /** @description The password was right. */
        SecondFactorNeededOutput: {
            error: string;
            code: number;
            twoFactor: components["schemas"]["TicketOutput"];
        };
        /** @description Of every call but those that set it up, `GET /api/auth/me` and signing out. */
        SecondFactorRequiredOutput: {
            error: string;
            code: number;
            twoFactor: components["schemas"]["RequiredOutput"];
        };
        /** @description Every refusal. `error` is a sentence for people, Russian or English by Accept-Language; `code` is the HTTP status. */
        ServerBlockedOutput: {
            error: string;
            code: number;
            /** @description Strangers with an invite do not get it */
            server?: components["schemas"]["BlockedServerOutput"];
        };
        ServerInputRequest: {
            name: string;
            description?: string | null;
            icon?: (string | null) | string;
        };
        /** @description A server without what is in it, as events tell of it. */
        ServerOutput: {
            id: number;
            name: string;
            description: string | null;
            icon: string | null;
            ownerId: number;
            isBlocked: boolean;
            memberCount: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            categories: components["schemas"]["CategoryOutput"][];
            channels: components["schemas"]["ChannelOutput"][];
            roles: components["schemas"]["RoleOutput"][];
            members: components["schemas"]["MemberOutput"][];
        };
        ServerStatsOutput: {
            total: number;
            active: number;
            blocked: number;
            withChannels: number;
        };
        SessionOutput: {
            /** Format: uuid */
            id: string;
            userAgent: string;
            address: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSeenAt: string;
            /** Format: date-time */
            expiresAt: string;
            readonly isCurrent: boolean;
        };
        SignedInOutput: {
            token: string;
            user: components["schemas"]["AccountOutput"];
        };
        StatsOutput: {
            users: components["schemas"]["UserStatsOutput"];
            servers: components["schemas"]["ServerStatsOutput"];
            channels: components["schemas"]["ChannelStatsOutput"];
            messages: components["schemas"]["MessageStatsOutput"];
        };
        /**
         * @description * `online` - Online
         *     * `idle` - Idle
         *     * `dnd` - Dnd
         *     * `offline` - Offline
         * @enum {string}
         */
        StatusEnum: "online" | "idle" | "dnd" | "offline";
        StepOutput: {
            rule: components["schemas"]["RuleEnum"];
            effect: components["schemas"]["EffectEnum"];
            role: components["schemas"]["StepRoleOutput"] | null;
        };
        StepRoleOutput: {
            id: number;
            name: string;
        };
        /**
         * @description * `message` - Message
         *     * `user` - User
         * @enum {string}
         */
        TargetTypeEnum: "message" | "user";
        TicketInputRequest: {
            ticket: string;
            /** @description Six digits of the app, or a recovery code */
            code: string;
        };
        TicketOutput: {
            /** @description For /api/auth/two-factor/login */
            ticket: string;
            /** Format: date-time */
            expiresAt: string;
        };
        TimelineOutput: {
            session: components["schemas"]["VoiceSessionOutput"];
            moments: components["schemas"]["MomentOutput"][];
            /** @description Moments that came after those that are kept of one session */
            omitted: number;
        };
        /** @description `retryAfter` is in seconds, as the header is. */
        TooManyRequestsOutput: {
            error: string;
            code: number;
            retryAfter: number;
        };
        /** @description A server without what is in it, as events tell of it. */
        TransferredOutput: {
            id: number;
            name: string;
            description: string | null;
            icon: string | null;
            ownerId: number;
            isBlocked: boolean;
            memberCount: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            categories: components["schemas"]["CategoryOutput"][];
            channels: components["schemas"]["ChannelOutput"][];
            roles: components["schemas"]["RoleOutput"][];
            members: components["schemas"]["MemberOutput"][];
            message: string;
        };
        TwoFactorOutput: {
            enabled: boolean;
            recoveryCodesLeft: number;
            /** @description By this instance, of the caller */
            required: boolean;
        };
        UserChangeInputRequest: {
            role?: components["schemas"]["GlobalRoleEnum"];
            isActive?: boolean;
        };
        UserRoleStatsOutput: {
            admin: number;
            moderator: number;
            user: number;
        };
        UserStatsOutput: {
            total: number;
            active: number;
            blocked: number;
            byRole: components["schemas"]["UserRoleStatsOutput"];
        };
        /**
         * @description * `ok` - ok
         *     * `warning` - warning
         *     * `error` - error
         *     * `skipped` - skipped
         * @enum {string}
         */
        VerdictEnum: "ok" | "warning" | "error" | "skipped";
        VoiceSessionOutput: {
            /** Format: uuid */
            id: string;
            user: components["schemas"]["CallerOutput"];
            serverId: number;
            channelId: number;
            /** @description Whose words the client speaks */
            dialect: string;
            /** @description What the others in the room knew it by */
            socketId: string;
            /** Format: date-time */
            startedAt: string;
            /** Format: date-time */
            endedAt: string | null;
            /** @description Why it ended; null while it lasts */
            reason: string | null;
        };
        VoiceSessionPageOutput: {
            sessions: components["schemas"]["VoiceSessionOutput"][];
            total: number;
            page: number;
            limit: number;
            totalPages: number;
        };
        WebhookInputRequest: {
            name: string;
            avatarUrl?: (string | null) | string;
        };
        /** @description `token` and `url`, a path on this instance, are shown this once. */
        WebhookMadeOutput: {
            id: number;
            name: string;
            avatarUrl: string | null;
            channelId: number;
            userId: number;
            createdBy: number | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            token: string;
            url: string;
        };
        /** @description `username` and `avatarUrl` stand above this one message instead of the webhook's own. */
        WebhookMessageInputRequest: {
            content: string;
            username?: string | null;
            avatarUrl?: (string | null) | string;
        };
        /** @description `userId` is its account, whose messages it writes. */
        WebhookOutput: {
            id: number;
            name: string;
            avatarUrl: string | null;
            channelId: number;
            userId: number;
            createdBy: number | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export interface operations {
    admin_logs: {
        parameters: {
            query?: {
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["LogsOutput"];
                };
            };
        };
    };
    admin_relay: {
        parameters: {
            query?: {
                /** @description Today (UTC) and those before it. At most 90; more counts as 90 */
                days?: number;
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RelayUsageListOutput"];
                };
            };
        };
    };
    admin_report_list: {
        parameters: {
            query?: {
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
                status?: "actioned" | "appealed" | "dismissed" | "open";
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminReportListOutput"];
                };
            };
        };
    };
    admin_report: {
        parameters: {
            path: {
                report_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminReportDetailOutput"];
                };
            };
        };
    };
    admin_report_decide: {
        parameters: {
            path: {
                report_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecisionInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminReportDetailOutput"];
                };
            };
        };
    };
    admin_server_list: {
        parameters: {
            query?: {
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
                search?: string;
                status?: "active" | "blocked";
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminServerListOutput"];
                };
            };
        };
    };
    admin_server: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminServerOutput"];
                };
            };
        };
    };
    admin_server_delete: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    admin_server_block: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminServerChangedOutput"];
                };
            };
        };
    };
    admin_server_unblock: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminServerChangedOutput"];
                };
            };
        };
    };
    admin_stats: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["StatsOutput"];
                };
            };
        };
    };
    admin_user_list: {
        parameters: {
            query?: {
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
                role?: "admin" | "moderator" | "user";
                search?: string;
                status?: "active" | "blocked";
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminUserListOutput"];
                };
            };
        };
    };
    admin_user: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminUserOutput"];
                };
            };
        };
    };
    admin_user_update: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["UserChangeInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminUserChangedOutput"];
                };
            };
        };
    };
    admin_user_delete: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    admin_user_block: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminUserChangedOutput"];
                };
            };
        };
    };
    admin_user_unblock: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AdminUserChangedOutput"];
                };
            };
        };
    };
    attachments_create: {
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["AttachmentInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["AttachmentOutput"];
                };
            };
        };
    };
    attachments_destroy: {
        parameters: {
            path: {
                attachment_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    attachments_file: {
        parameters: {
            query?: {
                expires?: number;
                signature?: string;
            };
            header?: {
                Range?: string;
            };
            path: {
                attachment_id: number;
                filename: string;
            };
        };
        responses: {
            200: {
                content: {
                    "application/octet-stream": string;
                };
            };
            206: {
                content: {
                    "application/octet-stream": string;
                };
            };
        };
    };
    email_confirm: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailConfirmInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    email_send: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    auth_login_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["SignedInOutput"];
                };
            };
        };
    };
    auth_me_retrieve: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MeOutput"];
                };
            };
        };
    };
    password_forgot: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForgotInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    password_reset: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    auth_register_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["SignedInOutput"];
                };
            };
        };
    };
    auth_sessions_list: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["SessionOutput"][];
                };
            };
        };
    };
    session_end_all: {
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    auth_sessions_destroy: {
        parameters: {
            path: {
                session_id: string;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    session_end_current: {
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    two_factor: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["TwoFactorOutput"];
                };
            };
        };
    };
    two_factor_disable: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordAndCodeInputRequest"];
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    two_factor_enable: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RecoveryCodesOutput"];
                };
            };
        };
    };
    two_factor_login: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["TicketInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["SignedInOutput"];
                };
            };
        };
    };
    recovery_codes_renew: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordAndCodeInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RecoveryCodesOutput"];
                };
            };
        };
    };
    two_factor_setup: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["OwnPasswordInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["OfferOutput"];
                };
            };
        };
    };
    auth_users_update: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AccountInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MeOutput"];
                };
            };
        };
    };
    auth_users_password_update: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["PasswordChangedOutput"];
                };
            };
        };
    };
    bots_list: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["BotOutput"][];
                };
            };
        };
    };
    bots_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["BotInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["BotOutput"];
                };
            };
        };
    };
    bots_retrieve: {
        parameters: {
            path: {
                bot_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["BotOutput"];
                };
            };
        };
    };
    bots_update: {
        parameters: {
            path: {
                bot_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedBotInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["BotOutput"];
                };
            };
        };
    };
    bots_destroy: {
        parameters: {
            path: {
                bot_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    bot_tokens_list: {
        parameters: {
            path: {
                bot_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["BotTokenOutput"][];
                };
            };
        };
    };
    bot_tokens_create: {
        parameters: {
            path: {
                bot_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BotTokenInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["BotTokenMadeOutput"];
                };
            };
        };
    };
    bot_tokens_destroy: {
        parameters: {
            path: {
                bot_id: number;
                token_id: string;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    bot_own: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["BotItselfOutput"];
                };
            };
        };
    };
    dms_list: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ConversationOutput"][];
                };
            };
        };
    };
    dms_open: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["DirectInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ConversationOutput"];
                };
            };
            201: {
                content: {
                    "application/json": components["schemas"]["ConversationOutput"];
                };
            };
        };
    };
    dms_get: {
        parameters: {
            path: {
                channel_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ConversationOutput"];
                };
            };
        };
    };
    dms_rename: {
        parameters: {
            path: {
                channel_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupRenameInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ConversationOutput"];
                };
            };
        };
    };
    dms_participant_add: {
        parameters: {
            path: {
                channel_id: number;
                user_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ConversationOutput"];
                };
            };
        };
    };
    dms_participant_remove: {
        parameters: {
            path: {
                channel_id: number;
                user_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    dms_group_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["ConversationOutput"];
                };
            };
        };
    };
    event_hooks_retrieve: {
        parameters: {
            path: {
                hook_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["EventHookOutput"];
                };
            };
        };
    };
    event_hooks_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                hook_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["EventHookChangeInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["EventHookOutput"];
                };
            };
        };
    };
    event_hooks_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                hook_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    event_hook_deliveries: {
        parameters: {
            path: {
                hook_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["DeliveryOutput"][];
                };
            };
        };
    };
    event_hook_ping: {
        parameters: {
            path: {
                hook_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["PingOutput"];
                };
            };
        };
    };
    friend_list: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["FriendOutput"][];
                };
            };
        };
    };
    friend_remove: {
        parameters: {
            path: {
                id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    friend_request_accept: {
        parameters: {
            path: {
                request_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    friend_block: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    friend_unblock: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    friend_blocked_list: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["PersonOutput"][];
                };
            };
        };
    };
    friend_request_send: {
        requestBody?: {
            content: {
                "application/json": components["schemas"]["FriendRequestInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["FriendRequestSentOutput"];
                };
            };
        };
    };
    friend_request_list: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["FriendRequestListOutput"];
                };
            };
        };
    };
    health_retrieve: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["HealthOutput"];
                };
            };
        };
    };
    info_retrieve: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["InfoOutput"];
                };
            };
        };
    };
    invite_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                invite_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    invite_invite_create: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["InviteInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["InviteMadeOutput"];
                };
            };
        };
    };
    invite_invites_list: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["InviteOutput"][];
                };
            };
        };
    };
    invite_invite_retrieve: {
        parameters: {
            path: {
                token: string;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["InvitePageOutput"];
                };
            };
        };
    };
    invite_invite_accept_create: {
        parameters: {
            path: {
                token: string;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AcceptedOutput"];
                };
            };
        };
    };
    login_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlainLoginInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["SignedInOutput"];
                };
            };
        };
    };
    meeting_info_retrieve: {
        parameters: {
            path: {
                meeting_id: string;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MeetingInfoOutput"];
                };
            };
        };
    };
    meeting_join_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["MeetingJoinInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MeetingJoinedOutput"];
                };
            };
        };
    };
    meeting_leave_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["MeetingLeaveInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["LeftOutput"];
                };
            };
        };
    };
    messages_page: {
        parameters: {
            query: {
                /** @description Those after it */
                after?: number;
                /** @description Those before this message */
                before?: number;
                channelId: number;
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessagePageOutput"];
                };
            };
        };
    };
    messages_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"];
                };
            };
            201: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"];
                };
            };
        };
    };
    messages_retrieve: {
        parameters: {
            path: {
                message_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"];
                };
            };
        };
    };
    messages_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                message_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageEditInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"];
                };
            };
        };
    };
    messages_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                message_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    messages_history_list: {
        parameters: {
            path: {
                message_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RevisionOutput"][];
                };
            };
        };
    };
    messages_pin_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                message_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"];
                };
            };
        };
    };
    messages_pin_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                message_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    messages_reactions_update: {
        parameters: {
            path: {
                emoji: string;
                message_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"];
                };
            };
        };
    };
    messages_reactions_destroy: {
        parameters: {
            path: {
                emoji: string;
                message_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    messages_reactions_remove: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                emoji: string;
                message_id: number;
                user_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    messages_bulk_delete_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkDeleteInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["BulkDeletedOutput"];
                };
            };
        };
    };
    messages_mentions: {
        parameters: {
            query?: {
                /** @description Those before this message */
                before?: number;
                /** @description At most 100; more counts as 100 */
                limit?: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"][];
                };
            };
        };
    };
    messages_pins: {
        parameters: {
            query: {
                channelId: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"][];
                };
            };
        };
    };
    messages_read: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReadInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ReadStateOutput"];
                };
            };
        };
    };
    messages_search: {
        parameters: {
            query: {
                channelId: number;
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
                query: string;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessagePageOutput"];
                };
            };
        };
    };
    messages_unread: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ReadStateOutput"][];
                };
            };
        };
    };
    reports_page: {
        parameters: {
            query?: {
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ReportListOutput"];
                };
            };
        };
    };
    reports_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReportCreateInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["ReportOutput"];
                };
            };
        };
    };
    reports_retrieve: {
        parameters: {
            path: {
                report_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ReportOutput"];
                };
            };
        };
    };
    reports_appeal: {
        parameters: {
            path: {
                report_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppealInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ReportAgainstMeOutput"];
                };
            };
        };
    };
    reports_against_me: {
        parameters: {
            query?: {
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ReportAgainstMeListOutput"];
                };
            };
        };
    };
    room_info_retrieve: {
        parameters: {
            path: {
                room_id: string;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RoomInfoOutput"];
                };
            };
        };
    };
    room_join_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoomJoinInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RoomJoinedOutput"];
                };
            };
        };
    };
    room_leave_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoomLeaveInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["LeftOutput"];
                };
            };
        };
    };
    hub_rooms_join: {
        requestBody?: {
            content: {
                "application/json": components["schemas"]["HubJoinInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["HubPlaceOutput"];
                };
            };
        };
    };
    hub_rooms_leave: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["HubLeaveInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["HubPlaceOutput"];
                };
            };
        };
    };
    hub_rooms_stats: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["HubStatsOutput"];
                };
            };
        };
    };
    serverMembers_members_list: {
        parameters: {
            query?: {
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"][];
                };
            };
        };
    };
    serverMembers_members_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    serverMembers_members_retrieve: {
        parameters: {
            path: {
                member_id: number;
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    serverMembers_members_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberRoleInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    serverMembers_members_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    serverMembers_members_partial_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedNicknameInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    serverMembers_members_ban_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["BanInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    member_move: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MovedOutput"];
                };
            };
        };
    };
    serverMembers_members_roles_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberRolesInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    member_timeout: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedTimeoutInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    serverMembers_members_voice_partial_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedVoiceFlagsInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    member_own: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    member_leave: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    serverMembers_owner_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOwnerInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["TransferredOutput"];
                };
            };
        };
    };
    servers_list: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ServerOutput"][];
                };
            };
        };
    };
    servers_create: {
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["ServerOutput"];
                };
            };
        };
    };
    servers_retrieve: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ServerOutput"];
                };
            };
        };
    };
    servers_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedServerInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ServerOutput"];
                };
            };
        };
    };
    servers_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    server_audit: {
        parameters: {
            query?: {
                /** @description Only this, such as `member.ban` */
                action?: string;
                /** @description Only what this user did */
                actorId?: number;
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["AuditPageOutput"];
                };
            };
        };
    };
    servers_bans_list: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["BanOutput"][];
                };
            };
        };
    };
    servers_bans_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
                user_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    server_bot_add: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BotAddInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["MemberOutput"];
                };
            };
        };
    };
    servers_categories_list: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["CategoryOutput"][];
                };
            };
        };
    };
    servers_categories_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CategoryInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["CategoryOutput"];
                };
            };
        };
    };
    servers_categories_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                category_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedCategoryInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["CategoryOutput"];
                };
            };
        };
    };
    servers_categories_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                category_id: number;
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    servers_channels_list: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ChannelOutput"][];
                };
            };
        };
    };
    servers_channels_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChannelInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["ChannelOutput"];
                };
            };
        };
    };
    servers_channels_retrieve: {
        parameters: {
            path: {
                channel_id: number;
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ChannelOutput"];
                };
            };
        };
    };
    servers_channels_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                channel_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedChannelInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ChannelOutput"];
                };
            };
        };
    };
    servers_channels_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                channel_id: number;
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    overwrite_list: {
        parameters: {
            path: {
                channel_id: number;
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["OverwriteOutput"][];
                };
            };
        };
    };
    overwrite_member_put: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                channel_id: number;
                member_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["OverwriteInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["OverwriteOutput"];
                };
            };
        };
    };
    overwrite_member_delete: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                channel_id: number;
                member_id: number;
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    overwrite_role_put: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                channel_id: number;
                role_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["OverwriteInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["OverwriteOutput"];
                };
            };
        };
    };
    overwrite_role_delete: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                channel_id: number;
                role_id: number;
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    webhooks_list: {
        parameters: {
            path: {
                channel_id: number;
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["WebhookOutput"][];
                };
            };
        };
    };
    webhooks_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                channel_id: number;
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["WebhookMadeOutput"];
                };
            };
        };
    };
    channel_order: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChannelOrderInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ChannelOutput"][];
                };
            };
        };
    };
    servers_event_hooks_list: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["EventHookOutput"][];
                };
            };
        };
    };
    servers_event_hooks_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventHookInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["EventHookMadeOutput"];
                };
            };
        };
    };
    permissions_explain: {
        parameters: {
            query: {
                /** @description Without it: on the server as a whole. */
                channelId?: number;
                /** @description Without it: the caller. Others need MANAGE_ROLES. */
                memberId?: number;
                permission: "ADD_REACTIONS" | "ADMINISTRATOR" | "ATTACH_FILES" | "BAN_MEMBERS" | "CHANGE_NICKNAME" | "CONNECT" | "CREATE_INSTANT_INVITE" | "CREATE_PRIVATE_THREADS" | "CREATE_PUBLIC_THREADS" | "DEAFEN_MEMBERS" | "EMBED_LINKS" | "KICK_MEMBERS" | "MANAGE_CHANNELS" | "MANAGE_EMOJIS_AND_STICKERS" | "MANAGE_EVENTS" | "MANAGE_GUILD" | "MANAGE_MESSAGES" | "MANAGE_NICKNAMES" | "MANAGE_ROLES" | "MANAGE_THREADS" | "MANAGE_WEBHOOKS" | "MENTION_EVERYONE" | "MODERATE_MEMBERS" | "MOVE_MEMBERS" | "MUTE_MEMBERS" | "PRIORITY_SPEAKER" | "READ_MESSAGE_HISTORY" | "REQUEST_TO_SPEAK" | "SEND_MESSAGES" | "SEND_MESSAGES_IN_THREADS" | "SEND_TTS_MESSAGES" | "SPEAK" | "STREAM" | "USE_APPLICATION_COMMANDS" | "USE_EMBEDDED_ACTIVITIES" | "USE_EXTERNAL_EMOJIS" | "USE_EXTERNAL_STICKERS" | "USE_VAD" | "VIEW_AUDIT_LOG" | "VIEW_CHANNEL" | "VIEW_GUILD_INSIGHTS";
            };
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ExplanationOutput"];
                };
            };
        };
    };
    servers_roles_list: {
        parameters: {
            path: {
                server_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RoleOutput"][];
                };
            };
        };
    };
    servers_roles_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                server_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleInputRequest"];
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["RoleOutput"];
                };
            };
        };
    };
    servers_roles_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                role_id: number;
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    servers_roles_partial_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                role_id: number;
                server_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedRoleInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RoleOutput"];
                };
            };
        };
    };
    servers_roles_members_roles_create: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                role_id: number;
                server_id: number;
            };
        };
        responses: {
            201: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    servers_roles_members_roles_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                member_id: number;
                role_id: number;
                server_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    profile_own: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ProfileOutput"];
                };
            };
        };
    };
    users_update: {
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ProfileInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ProfileOutput"];
                };
            };
        };
    };
    users_destroy: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["NoticeOutput"];
                };
            };
        };
    };
    users_retrieve: {
        parameters: {
            path: {
                user_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ProfileOutput"];
                };
            };
        };
    };
    voice_doctor: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["DoctorOutput"];
                };
            };
        };
    };
    voice_ice_servers_retrieve: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["IceServersOutput"];
                };
            };
        };
    };
    voice_sessions: {
        parameters: {
            query?: {
                /** @description Everybody's in this channel; needs VIEW_AUDIT_LOG there */
                channelId?: number;
                /** @description At most 100; more counts as 100 */
                limit?: number;
                page?: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["VoiceSessionPageOutput"];
                };
            };
        };
    };
    voice_session_timeline: {
        parameters: {
            path: {
                session_id: string;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["TimelineOutput"];
                };
            };
        };
    };
    webhooks_retrieve: {
        parameters: {
            path: {
                webhook_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["WebhookOutput"];
                };
            };
        };
    };
    webhooks_update: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                webhook_id: number;
            };
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PatchedWebhookInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["WebhookOutput"];
                };
            };
        };
    };
    webhooks_destroy: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                webhook_id: number;
            };
        };
        responses: {
            /** @description No response body */
            204: {
            };
        };
    };
    webhook_message: {
        parameters: {
            query?: {
                /** @description Answer with the message */
                wait?: boolean;
            };
            path: {
                token: string;
                webhook_id: number;
            };
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookMessageInputRequest"];
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["MessageOutput"];
                };
            };
            /** @description No response body */
            204: {
            };
        };
    };
    webhook_rotate: {
        parameters: {
            query?: {
                /** @description Why, for the audit log: here or in the body. */
                reason?: string;
            };
            path: {
                webhook_id: number;
            };
        };
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["WebhookMadeOutput"];
                };
            };
        };
    };
    readyz_retrieve: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["ReadyOutput"];
                };
            };
        };
    };
    rooms_retrieve: {
        responses: {
            200: {
                content: {
                    "application/json": components["schemas"]["RoomsOutput"];
                };
            };
        };
    };
}
