using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Settings;

/// <summary>What holds for a whole tenant: its name, calls to the outside, limits; and the tenant as one document.</summary>
public partial class SettingsPage
{
    private const long LargestDocument = 8 * 1024 * 1024;
    private static readonly string[] s_languages = ["en", "zh-CN"];
    private static readonly JsonSerializerOptions s_file = new(PbxApi.Json) { WriteIndented = true };

    private readonly FormErrors _tenantErrors = new(), _outsideErrors = new(), _limitErrors = new();
    private readonly List<(string Place, string Sentence)> _importErrors = [];
    private Versioned<TenantDto>? _tenant;
    private OutsideDocument? _outside;
    private CallLimits? _limits;
    private ApplyReport? _report;
    private string? _shown, _name, _language, _prefix, _caller, _country, _emergency, _countries, _holdMusicPrompt, _recordingNoticePrompt;
    private IReadOnlyList<PromptDto> _prompts = [];
    private int? _ringSeconds, _recordingDays;
    private bool _holdMusic = true, _announcements, _supervision;
    private RecordingNotice _recordingNotice;
    private bool _decides;

    [Inject] private CurrentUser User { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        _decides = (await User.GetAsync()).HasManyTenants;
        await ReadAsync();
    }

    private string NoticeName(RecordingNotice notice) => T["recording-notice." + notice.ToString().ToLowerInvariant()];

    private static string LanguageName(string? tag) => tag switch { null => "", "en" => "English", "zh-CN" or "zh" => "中文", _ => new CultureInfo(tag).NativeName };

    private static string? Within(FormErrors errors, string list) =>
        errors[list] ?? Enumerable.Range(0, 64).Select(index => errors[$"{list}[{index}]"]).FirstOrDefault(wrong => wrong is not null);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string[]? Split(string? text) => Blank(text)?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _tenant = await Here.GetAsync(Gone);
        (_name, _language, _ringSeconds, _recordingDays, _holdMusic, _announcements, _supervision, _recordingNotice) =
            (_tenant.Value.Name, _tenant.Value.Language, _tenant.Value.RingSeconds, _tenant.Value.RecordingDays, _tenant.Value.HoldMusic, _tenant.Value.Announcements, _tenant.Value.AllowSupervision, _tenant.Value.RecordingNotice);
        (_holdMusicPrompt, _recordingNoticePrompt) = (_tenant.Value.HoldMusicPrompt, _tenant.Value.RecordingNoticePrompt);
        _prompts = await Here.PromptsAsync(Gone);
        _limits = await Here.LimitsAsync(Gone);
        _countries = _limits.AllowedCountries is { } countries ? string.Join(" ", countries) : null;
        _outside = await Here.OutsideAsync(Gone);
        (_prefix, _caller, _country) = (_outside.OutsidePrefix, _outside.CallerNumber, _outside.Country);
        _emergency = _outside.EmergencyNumbers is { } numbers ? string.Join(" ", numbers) : null;
    });

    private async Task SaveTenantAsync()
    {
        NewTenant wish = new()
        {
            Name = _name?.Trim() ?? "", Language = _language, RingSeconds = _ringSeconds, RecordingDays = _recordingDays, HoldMusic = _holdMusic, Announcements = _announcements,
            AllowSupervision = _supervision, RecordingNotice = _recordingNotice, HoldMusicPrompt = Blank(_holdMusicPrompt), RecordingNoticePrompt = Blank(_recordingNoticePrompt), IsDefault = _tenant!.Value.IsDefault,
        };
        if (!await TryAsync(() => Here.ChangeAsync(wish, _tenant.ETag, Gone), _tenantErrors, "name", "language", "ringSeconds", "recordingDays", "holdMusicPrompt", "recordingNoticePrompt"))
            return;
        Done(T["action.saved"]);
        if (wish.Name != Tenant)
            Navigation.NavigateTo($"/t/{Uri.EscapeDataString(wish.Name)}/settings");
        else
            await ReadAsync();
    }

    private async Task SaveOutsideAsync()
    {
        OutsideDocument wish = _outside! with { OutsidePrefix = _prefix?.Trim() ?? "", CallerNumber = Blank(_caller), Country = Blank(_country)?.ToUpperInvariant(), EmergencyNumbers = Split(_emergency) };
        if (await TryAsync(() => Here.ChangeOutsideAsync(wish, Gone), _outsideErrors, "outsidePrefix", "callerNumber", "country", "emergencyNumbers*"))
            Done(T["action.saved"]);
    }

    private async Task SaveLimitsAsync()
    {
        string[]? countries = Split(_countries)?.Select(country => country.ToUpperInvariant()).ToArray();
        CallLimits wish = _limits! with { AllowedCountries = countries, AllowAllCountries = _limits.AllowAllCountries && countries is null };
        if (await TryAsync(() => Here.ChangeLimitsAsync(wish, Gone), _limitErrors, "max*", "outside*", "microUnits*", "allowedCountries*"))
            Done(T["action.saved"]);
    }

    private RenderFragment Limit<TValue>(string member, TValue? value, Action<TValue?> set, TValue? usual = null)
        where TValue : struct => builder =>
    {
        builder.OpenComponent<MudNumericField<TValue?>>(0);
        builder.AddComponentParameter(1, "Label", T["limit." + member]);
        builder.AddComponentParameter(2, "Value", value);
        builder.AddComponentParameter(3, "ValueChanged", EventCallback.Factory.Create(this, set));
        builder.AddComponentParameter(4, "Variant", Variant.Outlined);
        builder.AddComponentParameter(5, "HideSpinButtons", true);
        builder.AddComponentParameter(6, "Error", _limitErrors.Has(member));
        builder.AddComponentParameter(7, "ErrorText", _limitErrors[member]);
        builder.AddComponentParameter(8, "Placeholder", usual?.ToString() ?? T["limit.none"]);
        builder.AddComponentParameter(9, "ShrinkLabel", true);
        builder.AddComponentParameter(10, "InputId", "limit-" + member);
        builder.AddComponentParameter(11, "ReadOnly", !_decides);
        builder.CloseComponent();
    };

    /// <summary>A choice among the tenant's own sounds; a name that none has is shown, too, since an imported document may bring it.</summary>
    private RenderFragment PromptChoice(string member, string label, string? value, Action<string?> set) => builder =>
    {
        builder.OpenComponent<MudSelect<string>>(0);
        builder.AddComponentParameter(1, "Label", label);
        builder.AddComponentParameter(2, "Value", value ?? "");
        builder.AddComponentParameter(3, "ValueChanged", EventCallback.Factory.Create(this, set));
        builder.AddComponentParameter(4, "Variant", Variant.Outlined);
        builder.AddComponentParameter(5, "ToStringFunc", (Func<string?, string>)(name => string.IsNullOrEmpty(name) ? T["settings.prompt-built-in"] : name));
        builder.AddComponentParameter(6, "Error", _tenantErrors.Has(member));
        builder.AddComponentParameter(7, "ErrorText", _tenantErrors[member]);
        builder.AddComponentParameter(8, "ChildContent", (RenderFragment)(items =>
        {
            foreach (string name in _prompts.Select(prompt => prompt.Name).Prepend("").Append(value ?? "").Distinct())
            {
                items.OpenComponent<MudSelectItem<string>>(0);
                items.SetKey(name);
                items.AddComponentParameter(1, "Value", name);
                items.CloseComponent();
            }
        }));
        builder.CloseComponent();
    };

    private async Task ArchiveAsync()
    {
        if (await ConfirmAsync(T["settings.archive-title"], T["settings.archive-text"], T["settings.archive"]))
            Navigation.NavigateTo($"/export/{Uri.EscapeDataString(Tenant)}/archive.tar", forceLoad: true);
    }

    private async Task ExportAsync()
    {
        if (!await ConfirmAsync(T["settings.export-title"], T["settings.export-text"], T["settings.export"]))
            return;
        await TryAsync(async () =>
        {
            string json = JsonSerializer.Serialize(await Here.ExportAsync(Gone), s_file);
            await Browser.InvokeVoidAsync("cloudpbx.download", Gone, $"{Tenant}.json", "application/json", json);
        });
    }

    private async Task ImportAsync(InputFileChangeEventArgs change)
    {
        _report = null;
        _importErrors.Clear();
        JsonNode? document;
        try
        {
            await using Stream file = change.File.OpenReadStream(LargestDocument, Gone);
            using StreamReader reader = new(file, Encoding.UTF8);
            document = JsonNode.Parse(await reader.ReadToEndAsync(Gone));
        }
        catch (JsonException fault)
        {
            _importErrors.Add(("$", T["settings.import-no-json", fault.LineNumber is { } line ? line + 1 : 1]));
            return;
        }
        catch (IOException)
        {
            _importErrors.Add(("$", T["settings.import-large"]));
            return;
        }
        if (document is not null)
            await DestroyAsync(T["settings.import-title", Tenant], T["settings.import-text"], T["settings.import"], Tenant, () => ApplyAsync(document));
    }

    private async Task ApplyAsync(JsonNode document)
    {
        if (document["name"]?.ToString() is { } name && name != Tenant)
            document["name"] = Tenant;          // a document of another tenant describes this one
        try
        {
            _report = await Here.ApplyAsync(document, Gone);
            await ReadAsync();
        }
        catch (ApiProblemException fault)
        {
            _importErrors.AddRange(fault.Problem.Errors.SelectMany(error => error.Value, (error, sentence) => (error.Key, ApiSentences.In(T.Language, sentence))));
            if (_importErrors.Count == 0)
                _importErrors.Add(("", Problems.Sentence(T, fault.Problem)));
        }
    }

    private async Task DeleteAsync()
    {
        if (await DestroyAsync(T["settings.delete-title", Tenant], T["settings.delete-text"], T["settings.delete-go"], Tenant, () => Here.DeleteAsync(Gone)))
            Navigation.NavigateTo("/platform/tenants");
    }
}
