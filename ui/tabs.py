"""The open tab is part of the page's address, so that a reload, or a link, opens it again."""

TABS = """
document.addEventListener('click', (event) => {
    const tab = event.target.closest('[role=tab][data-tab-id]');
    if (tab) history.replaceState(null, '', '#' + tab.dataset.tabId);
});
const open = () => {
    const tabs = [...document.querySelectorAll('[role=tab][data-tab-id]')];
    const wanted = tabs.find((tab) => '#' + tab.dataset.tabId === location.hash);
    if (wanted?.ariaSelected === 'false') wanted.click();
    return location.hash === '' || wanted?.ariaSelected === 'true';
};
const observer = new MutationObserver(() => { if (open()) observer.disconnect(); });
const look = {subtree: true, childList: true, attributes: true, attributeFilter: ['aria-selected']};
if (!open()) observer.observe(document.body, look);
window.addEventListener('hashchange', open);
"""
