use authing_core::string_enum;

string_enum! {
    /// What a mail is for, and so which template it is made from.
    pub enum EmailScene {
        /// To set a new password.
        ResetPassword = "RESET_PASSWORD",
        /// A code to set a new password with.
        ResetPasswordVerifyCode = "RESET_PASSWORD_VERIFY_CODE",
        /// To show that the address belongs to the user.
        VerifyEmail = "VERIFY_EMAIL",
        /// The same, at the first login.
        FirstEmailLoginVerify = "FIRST_EMAIL_LOGIN_VERIFY",
        /// The same, when the administrator asked for it in the console.
        ConsoleConductedVerify = "CONSOLE_CONDUCTED_VERIFY",
        /// To change the address.
        ChangeEmail = "CHANGE_EMAIL",
        /// A code to add the address to an account.
        EmailBindVerifyCode = "EMAIL_BIND_VERIFY_CODE",
        /// A code to take the address off an account.
        EmailUnbindVerifyCode = "EMAIL_UNBIND_VERIFY_CODE",
        /// The second factor of a login.
        MfaVerify = "MFA_VERIFY",
        /// A code for the second factor of a login.
        MfaVerifyCode = "MFA_VERIFY_CODE",
        /// A code for any purpose.
        VerifyCode = "VERIFY_CODE",
        /// A code to register with.
        RegisterVerifyCode = "REGISTER_VERIFY_CODE",
        /// A code to log in with.
        LoginVerifyCode = "LOGIN_VERIFY_CODE",
        /// A code to complete the user's data with.
        InformationCompletionVerifyCode = "INFORMATION_COMPLETION_VERIFY_CODE",
    }
}
