//! Where the user belongs, and how well they are protected.

use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT};
use authing_core::{Page, Payload, Timestamp, operation, paged};
use authing_types::v2::OrgStep;
use serde::Deserialize;

use super::client::Call;
use super::session::Session;

impl Session {
    /// Lists the applications that the user may log in to.
    ///
    /// ```no_run
    /// # async fn example(session: authing_authentication::v2::Session) -> Result<(), authing_authentication::Error> {
    /// let mut applications = session.list_applications().stream();
    /// while let Some(application) = applications.next().await {
    ///     println!("{:?}", application?.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_applications(&self) -> Call<ListApplications> {
        self.call(ListApplications {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
        })
    }

    /// The places of the user in organisations: for each of them the way from
    /// the organisation down to the department.
    pub fn list_orgs(&self) -> Call<ListOrgs> {
        self.call(ListOrgs(()))
    }

    /// How well the account is protected.
    pub fn get_security_level(&self) -> Call<GetSecurityLevel> {
        self.call(GetSecurityLevel(()))
    }
}

/// An application, as its users may see it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Application {
    /// The application's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The address of its picture.
    pub logo: Option<String>,
    /// Its subdomain.
    pub domain: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// How it logs users in, such as `oidc`.
    pub protocol: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// [`Session::list_applications`].
#[derive(Debug, Clone)]
pub struct ListApplications {
    page: u32,
    limit: u32,
}

operation! {
    ListApplications => Page<Application>,
    id: "authentication.list_applications",
    repeat: Safe,
    rest: GET |list, _| Ok(Payload::new(
        format!(
            "/api/v2/users/me/applications/allowed?page={}&limit={}",
            list.page, list.limit
        ),
        None,
    )),
    read: |_, page: Option<Page<Application>>| Ok(page.unwrap_or_default()),
}

paged!(Call<ListApplications>, item: Application, key: |application| Some(application.id.clone()));

/// [`Session::list_orgs`].
#[derive(Debug, Clone)]
pub struct ListOrgs(());

operation! {
    ListOrgs => Vec<Vec<OrgStep>>,
    id: "authentication.list_orgs",
    repeat: Safe,
    rest: GET |_, _| Ok(Payload::new("/api/v2/users/me/orgs", None)),
    read: |_, orgs: Option<Vec<Vec<OrgStep>>>| Ok(orgs.unwrap_or_default()),
}

/// How well an account is protected.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SecurityLevel {
    /// How many points it has, of 100.
    pub score: Option<f64>,
    /// Whether an e-mail address is bound.
    pub email: Option<bool>,
    /// Whether a phone number is bound.
    pub phone: Option<bool>,
    /// Whether there is a password.
    pub password: Option<bool>,
    /// How good the password is: 1 for low, 2 for middle, 3 for high.
    pub password_security_level: Option<i64>,
    /// Whether there is a second factor.
    pub mfa: Option<bool>,
}

/// [`Session::get_security_level`].
#[derive(Debug, Clone)]
pub struct GetSecurityLevel(());

operation! {
    GetSecurityLevel => SecurityLevel,
    id: "authentication.get_security_level",
    repeat: Safe,
    rest: GET |_, _| Ok(Payload::new("/api/v2/users/me/security-level", None)),
}
