using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Api.Live;

/// <summary>What of a tenant's live state a user of one extension may see: that extension, and the calls that it makes, gets or has taken.</summary>
/// <remarks>One for each stream: it knows which calls were told, so that no others' ends are.</remarks>
internal sealed class OwnLive(string number)
{
    private readonly HashSet<CallId> _told = [];

    /// <summary>What is left of an event; null where nothing is.</summary>
    public object? See(object told)
    {
        switch (told)
        {
            case LiveSnapshotDto all:
                LiveSnapshotDto own = new() { Extensions = [.. all.Extensions.Where(extension => extension.Number == number)], Calls = [.. all.Calls.Where(IsOwn)] };
                _told.Clear();
                _told.UnionWith(own.Calls.Select(call => call.Id));
                return own;
            case LiveExtensionDto extension:
                return extension.Number == number ? extension : null;
            case LiveCallDto call when IsOwn(call):
                _told.Add(call.Id);
                return call;
            case EndedCallDto ended:
                return _told.Remove(ended.Id) ? ended : null;
            default:
                return null;
        }
    }

    private bool IsOwn(LiveCallDto call) => call.CallerNumber == number || call.CalledNumber == number || call.AnsweredBy == number;
}
