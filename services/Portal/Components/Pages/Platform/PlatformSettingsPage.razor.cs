using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Components.Pages.Platform;

/// <summary>What holds for the whole platform, changed while it runs.</summary>
public partial class PlatformSettingsPage
{
    private readonly FormErrors _errors = new();
    private Versioned<PlatformSettings>? _settings;
    private IReadOnlyList<PlanDto> _plans = [];
    private bool _signUp;
    private string? _plan, _language, _emergency, _support;
    private int? _days;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => ReadAsync();

    private string? EmergencyError => _errors["emergencyNumbers"] ?? Enumerable.Range(0, 32).Select(place => _errors[$"emergencyNumbers[{place}]"]).FirstOrDefault(wrong => wrong is not null);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private string PlanName(string? name) =>
        string.IsNullOrEmpty(name) ? T["platform-settings.plan-first"] : _plans.FirstOrDefault(plan => plan.Name == name)?.DisplayName ?? name;

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _plans = [.. (await Api.PlansAsync(Gone)).Where(plan => plan.ForSignUp == true)];
        _settings = await Api.SettingsAsync(Gone);
        PlatformSettings now = _settings.Value;
        (_signUp, _plan, _language, _days, _support) = (now.SignUp ?? true, now.SignUpPlan ?? "", now.Language, now.MostRecordingDays, now.Support);
        _emergency = now.EmergencyNumbers is { } numbers ? string.Join(' ', numbers) : null;
    });

    private async Task SaveAsync()
    {
        PlatformSettings wish = new()
        {
            SignUp = _signUp, SignUpPlan = Blank(_plan), Language = Blank(_language), MostRecordingDays = _days, Support = Blank(_support),
            EmergencyNumbers = Blank(_emergency)?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
        };
        if (!await TryAsync(() => Api.ChangeSettingsAsync(wish, _settings!.ETag, Gone), _errors, "signUpPlan", "language", "mostRecordingDays", "emergencyNumbers*", "support"))
            return;
        Done(T["action.saved"]);
        await ReadAsync();
    }
}
