using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Routes;

/// <summary>Sets an outbound route up.</summary>
public partial class RouteDialog
{
    private readonly FormErrors _errors = new();
    private readonly List<RouteTrunkDocument> _chosen = [];
    private IReadOnlyList<string> _trunks = [];
    private string? _name, _prefix, _caller, _failover;
    private TrunkOrder _order;

    /// <summary>The tenant.</summary>
    [Parameter] public string Tenant { get; set; } = "";

    /// <summary>The route; absent for a new one.</summary>
    [Parameter] public RouteDto? Route { get; set; }

    [CascadingParameter] private IMudDialogInstance Dialog { get; set; } = null!;

    private string? _failoverWrong => _errors["failoverOn"] ?? Enumerable.Range(0, 32).Select(index => _errors[$"failoverOn[{index}]"]).FirstOrDefault(wrong => wrong is not null);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (Route is { } route)
        {
            (_name, _prefix, _caller, _order, _failover) = (route.Name, route.Prefix, route.CallerNumber, route.Order, string.Join(" ", route.FailoverOn));
            _chosen.AddRange(route.Trunks);
        }
        else
        {
            _failover = string.Join(" ", FailoverCauses.Default);
        }
        await LoadAsync(async () => _trunks = [.. (await Api.Of(Tenant).TrunksAsync(null, Gone)).Items.Select(trunk => trunk.Name)]);
    }

    private void Earlier(RouteTrunkDocument trunk)
    {
        int index = _chosen.IndexOf(trunk);
        (_chosen[index - 1], _chosen[index]) = (_chosen[index], _chosen[index - 1]);
    }

    private void Weigh(RouteTrunkDocument trunk, int weight) => _chosen[_chosen.IndexOf(trunk)] = trunk with { Weight = weight };

    private async Task SaveAsync()
    {
        RouteDocument wish = new()
        {
            Name = _name?.Trim() ?? "",
            Prefix = _prefix?.Trim() ?? "",
            Order = _order,
            Trunks = _chosen,
            FailoverOn = (_failover ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            Rewrite = Route?.Rewrite ?? [],
            CallerNumber = string.IsNullOrWhiteSpace(_caller) ? null : _caller.Trim(),
        };
        TenantApi here = Api.Of(Tenant);
        if (await TryAsync(() => Route is null ? here.CreateRouteAsync(wish, Gone) : here.ChangeRouteAsync(Route.Name, wish, Gone), _errors, "name", "prefix", "callerNumber", "failoverOn*"))
            Dialog.Close(DialogResult.Ok(true));
    }
}
