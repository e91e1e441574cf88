using CloudPbx.Contracts.Api;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Calls;

/// <summary>One call: what happened, and why it failed if it did.</summary>
public partial class CallPage
{
    private CallRecordDto? _call;
    private CallStory? _story;
    private string? _shown;

    /// <summary>The call's identifier.</summary>
    [Parameter] public string Id { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == $"{Tenant}/{Id}")
            return;
        _shown = $"{Tenant}/{Id}";
        _call = null;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () =>
    {
        CallRecordDto call = await Here.CallAsync(Id, Gone);
        _story = CallStory.Of(call, T);
        _call = call;
    });
}
