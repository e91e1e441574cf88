using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Plans;

/// <summary>What a tenant may have and what it used; its reseller and the operator decide about it here.</summary>
public partial class TenantPlanPage
{
    private readonly FormErrors _errors = new();
    private Versioned<TenantPlanDto>? _plan;
    private UsageDto? _usage;
    private IReadOnlyList<PlanDto> _plans = [];
    private DateTime _month;
    private string? _shown;
    private string _chosen = "";
    private int? _extensions, _trunks, _numbers, _storage, _trial;
    private bool _decides;

    [Inject] private CurrentUser User { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        (_shown, _month) = (Tenant, MonthChoice.Of(Clock.UtcNow));
        await ReadAsync();
    }

    private Task TurnAsync(DateTime month)
    {
        _month = month;
        return LoadAsync(async () => _usage = await Here.UsageAsync(MonthChoice.Write(_month), Gone));
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        _decides = (await User.GetAsync()).HasManyTenants;
        if (_decides)
            _plans = await Api.PlansAsync(Gone);
        _usage = await Here.UsageAsync(MonthChoice.Write(_month), Gone);
        _plan = await Here.PlanAsync(Gone);
        (_chosen, _extensions, _trunks, _numbers, _storage, _trial) = (_plan.Value.Plan ?? "", null, null, null, null, null);
    });

    private async Task SaveAsync()
    {
        NewTenantPlan wish = new() { Plan = _chosen.Length == 0 ? null : _chosen, MaxExtensions = _extensions, MaxTrunks = _trunks, MaxNumbers = _numbers, MaxStorageMegabytes = _storage, TrialDays = _trial };
        if (!await TryAsync(() => Here.ChangePlanAsync(wish, _plan?.ETag, Gone), _errors, "plan", "maxExtensions", "maxTrunks", "maxNumbers", "maxStorageMegabytes", "trialDays"))
            return;
        await ReadAsync();
        Done(T["plan.saved"]);
    }

    private async Task SuspendAsync()
    {
        if (await DestroyAsync(T["plan.suspend-title", Tenant], T["plan.suspend-text"], T["plan.suspend"], Tenant, () => Here.SuspendAsync(new Suspension(), Gone)))
            await ReadAsync();
    }

    private async Task ResumeAsync()
    {
        if (await TryAsync(() => Here.ResumeAsync(Gone)))
            await ReadAsync();
    }

    private string NameOf(string? plan) => string.IsNullOrEmpty(plan) ? T["plan.none"] : _plans.FirstOrDefault(p => p.Name == plan)?.DisplayName ?? plan;

    private string Of(long now, int? most) => most is { } figure
        ? T["plan.of", now.ToString("N0", CultureInfo.CurrentCulture), figure.ToString("N0", CultureInfo.CurrentCulture)]
        : now.ToString("N0", CultureInfo.CurrentCulture);

    private static string Length(long seconds) => Clock.Length(TimeSpan.FromSeconds(seconds));
}
