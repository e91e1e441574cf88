using CloudPbx.Hosting.Web.Brands;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;

namespace CloudPbx.Portal.Components.Layout;

/// <summary>The frame of every page: navigation, language, light and dark.</summary>
public partial class MainLayout
{
    private readonly CancellationTokenSource _gone = new();
    private ErrorBoundary? _boundary;
    private DotNetObjectReference<MainLayout>? _self;
    private UserFacts? _user;
    private Clock? _clock;
    private string? _tenant;
    private MudTheme _theme = Look.Theme;
    private bool _dark, _ready, _open;

    [CascadingParameter] private Brand Brand { get; set; } = Brand.Product;

    [Inject] private Texts T { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private IJSRuntime Browser { get; set; } = null!;

    [Inject] private CurrentUser User { get; set; } = null!;

    [Inject] private SessionWatch Session { get; set; } = null!;

    [Inject] private PbxApi Api { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    private string SkipTarget => $"{new Uri(Navigation.Uri).PathAndQuery}#main";

    /// <summary>Called by the browser when the system turns dark or light.</summary>
    /// <param name="dark">Which.</param>
    [JSInvokable]
    public void SchemeChanged(bool dark)
    {
        _dark = dark;
        StateHasChanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Navigation.LocationChanged -= Moved;
        _self?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _theme = Look.Of(Brand);
        Navigation.LocationChanged += Moved;
        _user = await User.GetAsync();
        _tenant = TenantOf(Navigation.Uri) ?? await OwnTenantAsync(_user);
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _self = DotNetObjectReference.Create(this);
        string[] facts = (await Browser.InvokeAsync<string>("cloudpbx.begin", _self)).Split(' ', 2);
        _dark = facts[0] == "dark";
        _clock = new Clock(Time, Clock.ZoneOf(facts[^1]), T);
        _ready = true;
        StateHasChanged();
        _ = LeaveWhenEndedAsync();
    }

    private async Task ToggleDarkAsync()
    {
        _dark = !_dark;
        await Browser.InvokeVoidAsync("cloudpbx.setDark", _dark);
    }

    /// <summary>The session was ended elsewhere: this page shows nothing more.</summary>
    private async Task LeaveWhenEndedAsync()
    {
        try
        {
            await Session.EndedAsync(_gone.Token);
            await InvokeAsync(() => Navigation.NavigateTo($"/signin?return={Uri.EscapeDataString(new Uri(Navigation.Uri).PathAndQuery)}", forceLoad: true));
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException or JSDisconnectedException)
        {
            // the user left
        }
    }

    private string LanguageLink(string tag) => $"/language/{tag}?return={Uri.EscapeDataString(new Uri(Navigation.Uri).PathAndQuery)}";

    private void Moved(object? sender, LocationChangedEventArgs change)
    {
        _open = false;
        _tenant = TenantOf(change.Location) ?? _tenant;
        _boundary?.Recover();
        _ = InvokeAsync(StateHasChanged);
    }

    /// <summary>The name of the user's only tenant: the claim has its identifier, people read the name.</summary>
    private async Task<string?> OwnTenantAsync(UserFacts user)
    {
        if (user.Tenant is null)
            return null;
        try
        {
            return (await Api.MeAsync(CancellationToken.None)).Tenant ?? user.Tenant;
        }
        catch (ApiProblemException)
        {
            return user.Tenant;                 // the page itself says what is wrong
        }
    }

    private string? TenantOf(string address) =>
        Navigation.ToBaseRelativePath(address).Split('/', '?', '#') is ["t", { Length: > 0 } tenant, ..] ? Uri.UnescapeDataString(tenant) : null;
}
