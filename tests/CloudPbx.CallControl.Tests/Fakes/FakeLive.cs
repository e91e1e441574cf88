using System.Threading.Channels;
using CloudPbx.CallControl.Presence;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains.Live;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>Keeps what was told to watchers.</summary>
internal sealed class FakeLive : ILivePublisher
{
    private readonly Channel<LiveChange> _told = Channel.CreateUnbounded<LiveChange>();

    public void Publish(TenantId tenant, byte[] change) => _told.Writer.TryWrite(LiveChange.Read(change)!);

    /// <summary>What was told since the last call, oldest first.</summary>
    public IReadOnlyList<LiveChange> Told()
    {
        List<LiveChange> told = [];
        while (_told.Reader.TryRead(out LiveChange? change))
            told.Add(change);
        return told;
    }
}
