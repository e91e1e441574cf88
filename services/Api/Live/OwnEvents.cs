using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Api.Live;

/// <summary>What a user is told of a tenant's live state: their own extension, and the calls that it takes part in.</summary>
/// <param name="number">The number of the user's extension; empty, which no extension has, for who has none.</param>
/// <remarks>For one stream.</remarks>
internal sealed class OwnEvents(string number)
{
    private readonly HashSet<CallId> _told = [];

    /// <summary>The part of an event that is theirs.</summary>
    /// <param name="told">The event.</param>
    /// <returns>That part, or <see langword="null"/>: none of it.</returns>
    public LiveEvent? Of(LiveEvent told)
    {
        switch (told.Data)
        {
            case LiveSnapshotDto snapshot:
                LiveCallDto[] calls = [.. snapshot.Calls.Where(IsOwn)];
                _told.Clear();
                _told.UnionWith(calls.Select(call => call.Id));
                return told with { Data = new LiveSnapshotDto { Extensions = [.. snapshot.Extensions.Where(extension => extension.Number == number)], Calls = calls } };
            case LiveExtensionDto extension:
                return extension.Number == number ? told : null;
            case LiveCallDto call when IsOwn(call):
                _told.Add(call.Id);
                return told;
            case LiveCallDto call:
                return _told.Remove(call.Id) ? new LiveEvent(LiveEvent.CallEnded, new EndedCallDto { Id = call.Id }) : null;
            case EndedCallDto ended:
                return _told.Remove(ended.Id) ? told : null;
            default:
                return null;
        }
    }

    private bool IsOwn(LiveCallDto call) => number.Length > 0 && (call.CallerNumber == number || call.CalledNumber == number || call.AnsweredBy == number);
}
