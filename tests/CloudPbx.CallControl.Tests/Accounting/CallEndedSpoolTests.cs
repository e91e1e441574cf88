using CloudPbx.CallControl.Accounting;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Tests.Accounting;

public sealed class CallEndedSpoolTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "cloudpbx-spool-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public void What_was_appended_is_read_by_the_next_life_in_order()
    {
        CallEnded[] facts = [Fact(), Fact(), Fact()];
        CallEndedSpool dies = new(_folder);
        foreach (CallEnded fact in facts)
            dies.Append(fact);
        dies.Dispose();
        using CallEndedSpool next = new(_folder);
        Assert.Equal(facts.Select(fact => fact.CallId), next.ReadAll().Select(fact => fact.CallId));
    }

    [Fact]
    public void Confirmed_facts_take_no_room_however_many_there_were()
    {
        using CallEndedSpool spool = new(_folder);
        CallEnded open = Fact();
        for (int i = 0; i < 2000; i++)
        {
            CallEnded fact = Fact();
            spool.Append(fact);
            spool.Remove(fact.CallId);
        }
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_folder))).Length, 0, 128 * 1024);
        spool.Append(open);
        spool.Dispose();
        using CallEndedSpool next = new(_folder);
        Assert.Contains(open.CallId, next.ReadAll().Select(fact => fact.CallId));
    }

    [Fact]
    public void A_segment_of_an_earlier_life_goes_with_its_last_fact()
    {
        CallEnded[] facts = [Fact(), Fact()];
        CallEndedSpool dies = new(_folder);
        foreach (CallEnded fact in facts)
            dies.Append(fact);
        dies.Dispose();
        using CallEndedSpool next = new(_folder);
        _ = next.ReadAll();
        next.Remove(facts[0].CallId);
        Assert.Single(Directory.GetFiles(_folder));
        next.Remove(facts[1].CallId);
        next.Remove(facts[1].CallId);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CallEnded Fact() => new()
    {
        TenantId = TenantId.New(),
        CallId = CallId.New(),
        CallerNumber = "100",
        CalledNumber = "101",
        Disposition = CallDisposition.Answered,
        StartedAt = DateTime.UnixEpoch,
        EndedAt = DateTime.UnixEpoch,
    };
}
