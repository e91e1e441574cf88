using System.Collections.Concurrent;
using CloudPbx.CallControl.Calls;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>The tenant's other workers: what was written by one is all that the next one has.</summary>
internal sealed partial class TestTenant
{
    /// <summary>The owner's epoch.</summary>
    public long Epoch { get; private set; } = 1;

    /// <summary>What Redis holds of the calls.</summary>
    public FakeCallStore Store { get; } = new();

    /// <summary>Whether the bus confirms records.</summary>
    public bool BusIsThere { get; set; } = true;

    private readonly ConcurrentQueue<(SipMessage Message, Flow Flow)> _returned = new();

    /// <summary>Brings the tenant a message; what its owner does not take any more waits for the next one.</summary>
    public void Deliver(SipMessage message, Flow flow)
    {
        if (!Runtime.Receive(message, flow))
            _returned.Enqueue((message, flow));
    }

    /// <summary>How many messages wait for the next owner.</summary>
    public int Returned => _returned.Count;

    /// <summary>The worker dies, and another one takes the tenant over.</summary>
    public async Task KillAsync()
    {
        await AdvanceAsync(TimeSpan.FromMilliseconds(50));        // what was on its way to the store is there
        _door.Close();
        _wheel.Dispose();
        await TakeOverAsync();
    }

    /// <summary>The tenant moves as planned.</summary>
    public async Task MoveAsync()
    {
        Task<bool> leaving = Runtime.HandOverAsync(TimeSpan.FromMilliseconds(500));
        while (!leaving.IsCompleted)
            await AdvanceAsync(TimeSpan.FromMilliseconds(10));
        Assert.True(await leaving);
        _wheel.Dispose();
        await TakeOverAsync();
    }

    /// <summary>Another worker starts the tenant.</summary>
    public async Task TakeOverAsync()
    {
        Epoch++;
        Store.Epoch = Epoch;
        Sessions = new MediaSessions();
        Runtime = NewRuntime();
        Runtime.Start([.. Copies.Values], Store.List(), UsedUntilNow(), LampStore.List(), TrunkNotes.List(Tenant));
        while (_returned.TryDequeue(out (SipMessage Message, Flow Flow) returned))
            Deliver(returned.Message, returned.Flow);
        await SettleAsync();
    }
}
