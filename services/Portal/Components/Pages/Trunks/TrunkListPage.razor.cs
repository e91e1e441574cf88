using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Components.Pages.Trunks;

/// <summary>The trunks of a tenant and how they stand, in their carriers' words.</summary>
public partial class TrunkListPage
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    private List<TrunkDto>? _trunks;
    private Dictionary<string, TrunkStatusDto>? _status;
    private ApiProblem? _statusAway;
    private string? _shown;

    [Microsoft.AspNetCore.Components.Inject] private TimeProvider Time { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        await ReadAsync();
        _ = FollowAsync();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        List<TrunkDto> trunks = [];
        string? next = null;
        do
        {
            Page<TrunkDto> page = await Here.TrunksAsync(next, Gone);
            trunks.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        await ReadStatusAsync();
        _trunks = trunks;
    });

    private async Task ReadStatusAsync()
    {
        try
        {
            _status = (await Here.TrunkStatusAsync(Gone)).ToDictionary(status => status.Name, StringComparer.Ordinal);
            _statusAway = null;
        }
        catch (ApiProblemException fault) when (fault.Problem.Kind != ApiProblem.Unauthorized)
        {
            _statusAway = fault.Problem;            // the trunks can be set up meanwhile
        }
    }

    private async Task FollowAsync()
    {
        using PeriodicTimer timer = new(s_period, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(Gone))
            {
                await ReadStatusAsync();
                StateHasChanged();
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException or ApiProblemException)
        {
            // the user went elsewhere, or must sign in again, which the next request of the page says
        }
    }
}
