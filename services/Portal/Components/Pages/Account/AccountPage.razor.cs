using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Account;

/// <summary>How somebody signs in, and where they are signed in.</summary>
public partial class AccountPage
{
    private MeDto? _me;
    private UserFacts? _user;
    private bool _isPerson;
    private IReadOnlyList<PasskeyDto> _passkeys = [];
    private List<SessionDto> _sessions = [];

    [Inject] private CurrentUser User { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => ReadAsync();

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _user = await User.GetAsync();
        MeDto me = await Api.MeAsync(Gone);
        _isPerson = UserId.TryParse(me.Subject, out _);         // the operator token is nobody's: it has no password and no sign-ins
        if (_isPerson)
            (_passkeys, _sessions) = (await Api.MyPasskeysAsync(Gone), [.. await Api.MySessionsAsync(Gone)]);
        _me = me;
    });

    private async Task EndAsync(SessionDto session)
    {
        if (!await ConfirmAsync(T["me.end-title"], T["me.end-text", BrowserOf(session)], T["me.end"]) || !await TryAsync(() => Api.EndMySessionAsync(session.Id, Gone)))
            return;
        _sessions.Remove(session);
        Done(T["me.ended"]);
    }

    private async Task EndOthersAsync()
    {
        if (!await ConfirmAsync(T["me.end-others-title"], T["me.end-others-text"], T["me.end-others"]) || !await TryAsync(() => Api.EndMyOtherSessionsAsync(Gone)))
            return;
        _sessions.RemoveAll(session => !session.Current);
        Done(T["me.ended"]);
    }

    private string BrowserOf(SessionDto session) => BrowserName.Of(session.UserAgent) is { Length: > 0 } name ? name : T["me.browser-unknown"];

    private string MethodOf(SessionDto session) => T["sign-in-method." + $"{session.Method}".ToLowerInvariant()];

    private void Speak(string tag) => Navigation.NavigateTo($"/language/{tag}?return=/me", forceLoad: true);
}
