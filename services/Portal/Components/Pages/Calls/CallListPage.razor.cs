using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Calls;

/// <summary>The call records of a tenant.</summary>
public partial class CallListPage
{
    private readonly FormErrors _errors = new();
    private CursorList<CallRecordDto>? _list;
    private CallFilter _filter = new();
    private string? _shown, _number, _from, _to;
    private CallDisposition? _disposition;
    private CallDirection? _direction;
    private int? _cause;

    /// <summary>A number to begin with.</summary>
    [SupplyParameterFromQuery(Name = "number")] public string? Number { get; set; }

    private string ExportLink => $"/export/{Uri.EscapeDataString(Tenant)}/calls.csv{_filter.ToQuery()}";

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        string shown = $"{Tenant}?{Number}";
        if (_shown == shown)
            return;
        _shown = shown;
        _number = Number;
        await SearchAsync();
    }

    /// <inheritdoc/>
    protected override void Left() => _list?.Dispose();

    private async Task SearchAsync()
    {
        _errors.Clear();
        _filter = new CallFilter
        {
            Number = string.IsNullOrWhiteSpace(_number) ? null : _number.Trim(),
            Disposition = _disposition,
            Direction = _direction,
            Cause = _cause,
            From = Day(_from) is { } from ? Clock.StartOf(from) : null,
            To = Day(_to) is { } to ? Clock.StartOf(to.AddDays(1)) : null,
        };
        await RestartAsync();
    }

    private Task ClearAsync()
    {
        (_number, _from, _to, _disposition, _direction, _cause) = (null, null, null, null, null, null);
        return SearchAsync();
    }

    private Task RestartAsync() => LoadAsync(async () =>
    {
        CallFilter filter = _filter;
        CursorList<CallRecordDto> list = new((after, cancel) => Here.CallsAsync(filter, after, 100, cancel));
        await list.RestartAsync(Gone);
        _list?.Dispose();
        _list = list;
    });

    private static DateTime? Day(string? text) => DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime day) ? day : null;
}
