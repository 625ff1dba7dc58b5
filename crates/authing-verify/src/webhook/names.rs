use authing_core::string_enum;

string_enum! {
    /// What happened. The names are those of Authing's API; an event that is
    /// newer than this SDK is `Other`.
    ///
    /// `Login`, `MfaVerified`, `UserUpdated` and `UserPasswordChanged` come
    /// whether or not it succeeded; `Register` and `UserCreated` come together.
    pub enum EventName {
        /// Somebody pressed the test button in Authing's console.
        Test = "test",
        /// A user registered.
        Register = "register",
        /// A user logged in, or tried to.
        Login = "login",
        /// A second factor was checked.
        MfaVerified = "mfa:verified",
        /// A user was logged out by an administrator.
        Kick = "kick",
        /// A user was created.
        UserCreated = "user:created",
        /// A user's password was changed.
        UserPasswordChanged = "user:password-changed",
        /// A user's profile was changed.
        UserUpdated = "user:updated",
        /// A user's email address was confirmed.
        UserEmailVerified = "user:email-verified",
        /// A user was archived.
        UserArchived = "user:archived",
        /// A user came back from the archive.
        UserUnarchived = "user:unarchived",
        /// A user was locked.
        UserBlocked = "user:blocked",
        /// A user was unlocked.
        UserUnblocked = "user:unblocked",
        /// A user was deleted.
        UserDeleted = "user:deleted",
        /// Somebody was put on the whitelist for registrations.
        UserRegisterWhitelistAdded = "user:register-whitelist-added",
        /// Somebody was taken off the whitelist for registrations.
        UserRegisterWhitelistDeleted = "user:register-whitelist-deleted",
        /// A custom field of a user was changed.
        UserUdvChanged = "user:udv-changed",
        /// An account at another identity provider was linked.
        UserLinkAccount = "user:link-account",
        /// A user was reminded to change the password.
        UserPasswordUpdateRemind = "user:password-update-remind",
        /// A user's place in an organisation was changed.
        UserOrganizationNodeUpdate = "user:organization-node-update",
        /// Permissions were given.
        PermissionAdd = "permission:add",
        /// Permissions were taken.
        PermissionRevoke = "permission:revoke",
        /// A resource was created.
        ResourceCreated = "resource:created",
        /// A resource was deleted.
        ResourceDeleted = "resource:deleted",
        /// A resource was changed.
        ResourceUpdated = "resource:updated",
        /// A role was created.
        RoleCreated = "role:created",
        /// A role was changed.
        RoleUpdated = "role:updated",
        /// A role was deleted.
        RoleDeleted = "role:deleted",
        /// A role was disabled.
        RoleDisable = "role:disable",
        /// A role was given.
        RoleAssigned = "role:assigned",
        /// A role was taken.
        RoleUnassigned = "role:unassigned",
        /// A custom field of a role was changed.
        RoleUdvChanged = "role:udv-changed",
        /// Somebody was removed from what has permissions.
        SubjectRemove = "subject:remove",
        /// An application asks for a second factor now.
        ApplicationMfaEnabled = "application:mfa:enabled",
        /// An application asks for no second factor any more.
        ApplicationMfaDisabled = "application:mfa:disabled",
        /// An application was created.
        ApplicationCreated = "application:created",
        /// An application was changed.
        ApplicationUpdated = "application:updated",
        /// An application was deleted.
        ApplicationDeleted = "application:deleted",
        /// An application has another secret.
        ApplicationSecretRefreshed = "application:secret-refreshed",
        /// A group was created.
        GroupCreated = "group:created",
        /// A group was changed.
        GroupUpdated = "group:updated",
        /// A group was deleted.
        GroupDeleted = "group:deleted",
        /// Somebody came into a group.
        GroupMemberAdded = "group:member-added",
        /// Somebody left a group.
        GroupMemberRemoved = "group:member-removed",
        /// An organisation was created.
        OrganizationCreated = "organization:created",
        /// An organisation was imported.
        OrganizationImported = "organization:imported",
        /// An organisation was deleted.
        OrganizationDeleted = "organization:deleted",
        /// A department was added.
        OrganizationNodeAdded = "organization:node-added",
        /// A department was changed.
        OrganizationNodeUpdated = "organization:node-updated",
        /// The tree of an organisation was changed.
        OrganizationTreeUpdated = "organization:tree-updated",
        /// A department was deleted.
        OrganizationNodeDeleted = "organization:node-deleted",
        /// A department was moved.
        OrganizationNodeMoved = "organization:node-moved",
        /// Somebody came into a department.
        OrganizationMemberAdded = "organization:member-added",
        /// Somebody left a department.
        OrganizationMemberRemoved = "organization:member-removed",
        /// A custom field of a department was changed.
        OrganizationUdvChanged = "organization:udv-changed",
        /// A namespace of permissions was created.
        PrivilegeNamespaceCreated = "privilege-namespace:created",
        /// A namespace of permissions was changed.
        PrivilegeNamespaceUpdated = "privilege-namespace:updated",
        /// A namespace of permissions was deleted.
        PrivilegeNamespaceDeleted = "privilege-namespace:deleted",
        /// An administrator was added to the user pool.
        UserPoolCooperatorAdded = "user-pool:cooperator-added",
        /// An administrator was removed from the user pool.
        UserPoolCooperatorRemoved = "user-pool:cooperator-removed",
        /// The user pool has another secret.
        UserPoolSecretRefreshed = "user-pool:secret-refreshed",
        /// The user pool's settings were changed.
        UserPoolUpdated = "user-pool:updated",
        /// A custom field was defined.
        UserPoolUdfAdded = "user-pool:udf-added",
        /// A custom field was removed.
        UserPoolUdfDeleted = "user-pool:udf-deleted",
        /// An environment variable was added.
        UserPoolEnvAdded = "user-pool:env-added",
        /// An environment variable was removed.
        UserPoolEnvDeleted = "user-pool:env-deleted",
        /// An environment variable was changed.
        UserPoolEnvUpdated = "user-pool:env-updated",
        /// An application was put on the launchpad.
        UserPoolLaunchpadAppInstalled = "user-pool:launchpad-app-installed",
        /// An application was taken off the launchpad.
        UserPoolLaunchpadAppUninstalled = "user-pool:launchpad-app-uninstalled",
        /// A data resource was created.
        DataResourceCreated = "data-resource:created",
        /// A data resource was changed.
        DataResourceUpdated = "data-resource:updated",
        /// A data resource was deleted.
        DataResourceDeleted = "data-resource:deleted",
        /// A strategy for data was given.
        DataStrategyPermissionAdd = "data-strategy-permission:add",
        /// A strategy for data was taken.
        DataStrategyPermissionRevoke = "data-strategy-permission:revoke",
        /// A login from an unusual place.
        UnusualLocationLogin = "unusual-location:login",
        /// A token was refreshed.
        RefreshToken = "refresh-token",
    }
}
