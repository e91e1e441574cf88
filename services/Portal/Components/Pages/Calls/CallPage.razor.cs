using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Components.Pages.Calls;

/// <summary>One call: what happened, and why it failed if it did.</summary>
public partial class CallPage
{
    private CallRecordDto? _call;
    private CallStory? _story;
    private CallLadderDto? _ladder;
    private List<RecordingDto> _recordings = [];
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
        try
        {
            _ladder = await Here.LadderAsync(Id, Gone);
        }
        catch (ApiProblemException fault) when (fault.Problem.Kind is not ApiProblem.Unauthorized)
        {
            _ladder = null;                                 // the story is worth something without it
        }
        _recordings = [];
        foreach (RecordingId recording in call.Recordings)
        {
            try
            {
                _recordings.Add(await Here.RecordingAsync(recording, Gone));
            }
            catch (ApiProblemException fault) when (fault.Problem.Kind is "not-found" or "status-403" or "forbidden")
            {
                // deleted since, or not for this user's ears
            }
        }
        _call = call;
    });
}
