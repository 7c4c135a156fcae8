//! Long lists, a page at a time.

/// Entries on one page of a list.
const PAGE: usize = 100;

/// One page of a list that is at hand whole, and the addresses of the pages beside it.
pub(in crate::web) struct Cut<T> {
    pub(in crate::web) items: Vec<T>,
    pub(in crate::web) newer: Option<String>,
    pub(in crate::web) older: Option<String>,
}

/// Cuts out the page that begins at the item whose key is `cursor`. `address` ends where the cursor is to be added.
pub(in crate::web) fn cut<T>(items: Vec<T>, cursor: Option<&str>, address: &str, key: impl Fn(&T) -> &str) -> Cut<T> {
    let start = cursor.and_then(|cursor| items.iter().position(|item| key(item) == cursor)).unwrap_or(0);
    let link = |at: usize| {
        let item = items.get(at)?;
        let cursor: String = url::form_urlencoded::byte_serialize(key(item).as_bytes()).collect();
        Some(format!("{address}{}cursor={cursor}", if address.contains('?') { '&' } else { '?' }))
    };
    let newer = (start > 0).then(|| link(start.saturating_sub(PAGE))).flatten();
    let older = link(start + PAGE);
    let items = items.into_iter().skip(start).take(PAGE).collect();
    Cut { items, newer, older }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_walked_to_its_end_and_back() {
        let items: Vec<String> = (0..250).map(|n| format!("item-{n}")).collect();
        let page = |cursor: Option<&str>| cut(items.clone(), cursor, "/list?site=a", |item| item);
        let first = page(None);
        assert_eq!(
            (first.items.len(), first.newer, first.older.as_deref()),
            (100, None, Some("/list?site=a&cursor=item-100"))
        );
        let last = page(Some("item-200"));
        assert_eq!(
            (last.items.len(), last.newer.as_deref(), last.older),
            (50, Some("/list?site=a&cursor=item-100"), None)
        );
        assert_eq!(page(Some("gone")).items.len(), 100);
    }
}
