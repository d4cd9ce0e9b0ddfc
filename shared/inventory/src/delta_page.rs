use serde::Deserialize;
use serde_json::value::RawValue;
use warehouse::Links;

use crate::source::SourceError;

/// The answer to a delta query. Its objects are not read here: the database takes them apart.
#[derive(Debug, Deserialize)]
pub(crate) struct DeltaPage<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    delta_link: Option<String>,
}

impl<'a> DeltaPage<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, SourceError> {
        let page: Self = serde_json::from_slice(body)
            .map_err(|error| SourceError::Refused(format!("the answer is no page of a delta query: {error}")))?;
        if page.value.get().starts_with('[') {
            return Ok(page);
        }
        Err(SourceError::Refused("the answer is no page of a delta query: value is not an array".to_owned()))
    }

    /// The text of the array of objects.
    pub(crate) fn objects(&self) -> &'a str {
        self.value.get()
    }

    /// What follows the page that was found at `asked`; without exactly one link nobody knows whether more follows.
    pub(crate) fn links(&self, asked: Option<&str>) -> Result<Links<'_>, SourceError> {
        match (self.next_link.as_deref(), self.delta_link.as_deref()) {
            (Some(next), None) if asked == Some(next) => {
                Err(SourceError::Refused("the next link of the page leads to the page itself".to_owned()))
            }
            (Some(next), None) => Ok(Links::Next(next)),
            (None, Some(delta)) => Ok(Links::Delta(delta)),
            (Some(_), Some(_)) => Err(SourceError::Refused("the page has a next link and a delta link".to_owned())),
            (None, None) => Err(SourceError::Refused("the page has neither a next link nor a delta link".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeltaPage;

    fn check(body: &str) -> String {
        let page = DeltaPage::parse(body.as_bytes());
        match page.as_ref().map(|page| (page.objects(), page.links(Some("here")))) {
            Ok((objects, Ok(links))) => format!("{objects} {links:?}"),
            Ok((_, Err(error))) => error.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_page_has_objects_and_exactly_one_link() {
        let cases = [
            (r#"{"value":[{"id":"a"}],"@odata.nextLink":"n"}"#, r#"[{"id":"a"}] Next("n")"#),
            (r#"{"@odata.deltaLink":"d\u0026e","x":1,"value":[]}"#, r#"[] Delta("d&e")"#),
            (r#"{"value":[],"@odata.nextLink":"here"}"#, "the next link of the page leads to the page itself"),
            (r#"{"value":[]}"#, "the page has neither a next link nor a delta link"),
            (
                r#"{"value":[],"@odata.nextLink":"n","@odata.deltaLink":"d"}"#,
                "the page has a next link and a delta link",
            ),
            (r#"{"value":{}}"#, "the answer is no page of a delta query: value is not an array"),
            (
                r#"{"value":[{"id":"a"}"#,
                "the answer is no page of a delta query: EOF while parsing a list at line 1 column 20",
            ),
            ("", "the answer is no page of a delta query: EOF while parsing a value at line 1 column 0"),
        ];
        for (body, expected) in cases {
            assert_eq!(check(body), expected, "{body}");
        }
    }
}
