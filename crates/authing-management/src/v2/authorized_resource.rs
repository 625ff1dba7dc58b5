use authing_core::Page;
use authing_types::v2::AuthorizedResource;
use serde::Deserialize;

/// Whoever has a list of resources.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "no resource that needs it may be turned on")]
pub(crate) struct WithAuthorizedResources {
    authorized_resources: Option<Page<AuthorizedResource>>,
}

impl WithAuthorizedResources {
    #[allow(dead_code, reason = "no resource that needs it may be turned on")]
    pub(crate) fn into_page(self) -> Page<AuthorizedResource> {
        self.authorized_resources.unwrap_or_default()
    }
}
