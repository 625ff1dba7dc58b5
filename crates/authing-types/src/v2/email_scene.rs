use authing_core::string_enum;

string_enum! {
    /// What a mail is for. Which of them exist depends on the version of the
    /// server.
    pub enum EmailScene {
        /// A code to reset the password with.
        ResetPassword = "RESET_PASSWORD",
        /// A link that verifies the address.
        VerifyEmail = "VERIFY_EMAIL",
        /// A code to change the address with.
        ChangeEmail = "CHANGE_EMAIL",
        /// A code for the second factor.
        MfaVerify = "MFA_VERIFY",
        /// A code for any purpose.
        VerifyCode = "VERIFY_CODE",
        /// A code to log in with.
        LoginVerifyCode = "LOGIN_VERIFY_CODE",
        /// A code to register with.
        RegisterVerifyCode = "REGISTER_VERIFY_CODE",
        /// A code to reset the password with, of newer servers.
        ResetPasswordVerifyCode = "RESET_PASSWORD_VERIFY_CODE",
        /// A code to bind the address with.
        EmailBindVerifyCode = "EMAIL_BIND_VERIFY_CODE",
        /// A code to unbind the address with.
        EmailUnbindVerifyCode = "EMAIL_UNBIND_VERIFY_CODE",
        /// A code for the second factor, of newer servers.
        MfaVerifyCode = "MFA_VERIFY_CODE",
        /// A code to complete the profile with.
        InformationCompletionVerifyCode = "INFORMATION_COMPLETION_VERIFY_CODE",
        /// The verification that follows the first login.
        FirstEmailLoginVerify = "FIRST_EMAIL_LOGIN_VERIFY",
        /// The verification that an administrator starts in the console.
        ConsoleConductedVerify = "CONSOLE_CONDUCTED_VERIFY",
    }
}
