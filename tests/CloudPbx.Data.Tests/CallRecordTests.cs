using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.CallRecords;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Tests.Providers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Data.Tests;

public sealed class CallRecordsOnSqliteTests(SqliteDatabase database) : CallRecordTests(database), IClassFixture<SqliteDatabase>;

public sealed class CallRecordsOnPostgresTests(PostgresDatabase database) : CallRecordTests(database), IClassFixture<PostgresDatabase>;

public abstract class CallRecordTests(TestDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CallRecordWriter Writer => database.Services.GetRequiredService<CallRecordWriter>();

    [Fact]
    public async Task A_fact_that_comes_twice_is_stored_once()
    {
        TestTenant a = await database.CreateTenantAsync();
        CallEnded ended = Ended(a.Id) with { Steps = [new("dialled", "101"), .. Enumerable.Range(0, 99).Select(i => new DecisionStep("forward-busy", $"{i}\n"))] };
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(ended, Cancel));
        Assert.Equal(SaveOutcome.Duplicate, await Writer.StoreAsync(ended, Cancel));
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(Ended(a.Id), Cancel));
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        List<CallRecord> records = await db.CallRecords.OrderBy(r => r.Sequence).ToListAsync(Cancel);
        Assert.Equal([1, 5], records.Select(r => r.Sequence));    // the numbers between are those of its events
        Assert.Equal(ended.StartedAt, records[0].StartedAt);
        Assert.Equal(DateTimeKind.Utc, records[0].StartedAt.Kind);
        Assert.Equal(61_500, records[0].TalkMilliseconds);
        Assert.Equal(CallDisposition.Answered, records[0].Disposition);
        Assert.Equal(ended.Media, records[0].Media);
        Assert.Equal((60, new DecisionStep("dialled", "101"), new DecisionStep("forward-busy", "0")), (records[0].Steps.Count, records[0].Steps[0], records[0].Steps[1]));
        Assert.Empty(records[1].Steps);
        Assert.Null(records[0].TrunkId);
        Assert.Null(records[0].TrunkStatus);
    }

    [Fact]
    public async Task A_calls_events_stand_in_their_order_and_once_also_where_a_worker_told_some_before()
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        CallEnded ended = Ended(a.Id), ofB = Ended(b.Id) with { CallerName = "canary" };
        EventLogWriter log = database.Services.GetRequiredService<EventLogWriter>();
        await log.AppendAsync([CallEvents.Started(ended), CallEvents.Started(ofB)], Cancel);
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(ended, Cancel));
        await log.AppendAsync([CallEvents.Started(ended), CallEvents.Answered(ended)], Cancel);
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        List<EventLogEntry> events = await db.EventLog.OrderBy(e => e.Sequence).ToListAsync(Cancel);
        Assert.Equal([EventTypes.CallStarted, EventTypes.CallAnswered, EventTypes.CallEnded], events.Select(e => e.Type));
        Assert.All(events, e => Assert.Equal(ended.CallId.ToString(), e.Subject));
        Assert.DoesNotContain(events, e => e.Payload.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_call_over_a_trunk_keeps_its_trunk_direction_numbers_and_cost()
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        CallEnded ended = Ended(a.Id) with
        {
            Direction = CallDirection.Outbound, TrunkId = TrunkId.New(), TrunkName = "tel\rco" + new string('x', 100), TrunkNumber = "+8613800138000", TrunkStatus = 200, CostMicroUnits = 120_000,
        };
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(ended, Cancel));
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(Ended(b.Id) with { TrunkId = ended.TrunkId, TrunkName = "of b", Direction = CallDirection.Inbound, TrunkStatus = 0 }, Cancel));
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        CallRecord record = await db.CallRecords.SingleAsync(r => r.TrunkId == ended.TrunkId, Cancel);
        Assert.Equal((CallDirection.Outbound, "+8613800138000", 200, 120_000L), (record.Direction, record.TrunkNumber, record.TrunkStatus, record.CostMicroUnits));
        Assert.Equal("telco" + new string('x', 59), record.TrunkName);                  // cut to 64, control characters dropped
    }

    [Fact]
    public async Task Many_at_once_are_each_stored_once_and_numbered_without_gaps()
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        CallEnded twice = Ended(a.Id);
        SaveOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 30)
            .Select(i => i % 10 == 0 ? twice : Ended(i % 3 == 0 ? b.Id : a.Id))
            .Select(ended => Writer.StoreAsync(ended, Cancel)));
        Assert.Equal(2, outcomes.Count(outcome => outcome == SaveOutcome.Duplicate));
        Assert.Equal(28, outcomes.Count(outcome => outcome == SaveOutcome.Saved));
        foreach (TestTenant tenant in new[] { a, b })
        {
            await using PbxDbContext db = database.Pbx.OpenTenant(tenant.Id);
            List<long> records = await db.CallRecords.Select(r => r.Sequence).ToListAsync(Cancel), events = await db.EventLog.Select(e => e.Sequence).ToListAsync(Cancel);
            Assert.Equal(3 * records.Count, events.Count);        // began, answered, ended
            Assert.Equal(Enumerable.Range(1, records.Count + events.Count).Select(i => (long)i), records.Concat(events).Order());
        }
    }

    [Fact]
    public async Task The_same_call_id_in_two_tenants_is_two_records()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        CallEnded ofA = Ended(a.Id);
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(ofA, Cancel));
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(ofA with { TenantId = b.Id, CallerName = "of b" }, Cancel));
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        Assert.Equal("Alice", (await db.CallRecords.SingleAsync(r => r.CallerNumber == "100", Cancel)).CallerName);
    }

    [Fact]
    public async Task The_ladder_lies_beside_its_record_is_read_alone_and_goes_with_it()
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        CallEnded with = Ended(a.Id) with { Ladder = LadderOf("own") }, without = Ended(a.Id), ofB = Ended(b.Id) with { CallId = with.CallId, Ladder = LadderOf("canary") };
        Assert.All(await Task.WhenAll(new[] { with, without, ofB }.Select(ended => Writer.StoreAsync(ended, Cancel))), outcome => Assert.Equal(SaveOutcome.Saved, outcome));
        Assert.Equal(SaveOutcome.Duplicate, await Writer.StoreAsync(with with { Ladder = LadderOf("again") }, Cancel));
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        CallLadder kept = await db.CallLadders.SingleAsync(Cancel);                     // one tenant's, and none of the call that has none
        Assert.Equal((with.CallId, "own"), (kept.Id, kept.Ladder.Messages[0].Warning));
        Assert.Equal(2, await db.CallRecords.CountAsync(Cancel));
        Assert.DoesNotContain("ladder", db.CallRecords.ToQueryString(), StringComparison.Ordinal);      // lists do not read it
        db.ChangeTracker.Clear();
        db.CallRecords.Remove(await db.CallRecords.SingleAsync(r => r.Id == with.CallId, Cancel));
        await db.SaveChangesAsync(Cancel);
        Assert.False(await db.CallLadders.AnyAsync(Cancel));
        await using PbxDbContext dbOfB = database.Pbx.OpenTenant(b.Id);
        Assert.Equal("canary", (await dbOfB.CallLadders.SingleAsync(Cancel)).Ladder.Messages[0].Warning);
    }

    [Fact]
    public async Task A_record_of_a_deleted_tenant_is_dropped() =>
        Assert.Equal(SaveOutcome.MissingReference, await Writer.StoreAsync(Ended(TenantId.New()), Cancel));

    [Theory]                                                                            // S22
    [InlineData("a\0b\r\nc", "abc")]
    [InlineData("~x", "\ufffdx")]                                                      // ~: a lone half of a surrogate pair
    [InlineData("<script>alert(1)</script>", "<script>alert(1)</script>")]
    [InlineData("Bob\u202Egnp.exe\u2067", "Bobgnp.exe")]                                // what turns the direction of writing
    public async Task Texts_of_strangers_are_stored_without_control_characters(string name, string stored)
    {
        TestTenant a = await database.CreateTenantAsync();
        CallEnded ended = Ended(a.Id) with { CallerName = name.Replace('~', '\ud800'), CalledNumber = new string('9', 500), Reason = new string('\u4e2d', 255) + "\U0001F600" };
        Assert.Equal(SaveOutcome.Saved, await Writer.StoreAsync(ended, Cancel));
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        CallRecord record = await db.CallRecords.SingleAsync(Cancel);
        Assert.Equal(stored, record.CallerName);
        Assert.Equal(64, record.CalledNumber.Length);
        Assert.Equal(255, record.Reason!.Length);                                       // no half of a surrogate pair
    }

    [Fact]
    public async Task Records_can_be_asked_for_by_instant()
    {
        TestTenant a = await database.CreateTenantAsync();
        CallEnded early = Ended(a.Id), late = Ended(a.Id) with { StartedAt = early.StartedAt.AddHours(1), EndedAt = early.EndedAt.AddHours(1) };
        await Writer.StoreAsync(early, Cancel);
        await Writer.StoreAsync(late, Cancel);
        DateTime from = early.StartedAt.AddMinutes(1);
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        Assert.Equal(late.CallId, (await db.CallRecords.SingleAsync(r => r.StartedAt >= from && r.Disposition == CallDisposition.Answered, Cancel)).Id);
    }

    private static SipLadder LadderOf(string warning) => new()
    {
        Parties = [new LadderParty { Leg = 0, Side = CallParty.Caller, Kind = LadderPartyKind.Phone, Name = "100" }],
        Messages = [new LadderMessage { FromParty = true, Method = "INVITE", Warning = warning, Media = new LadderMedia { Codecs = ["PCMA"] } }],
    };

    internal static CallEnded Ended(TenantId tenant)
    {
        DateTime start = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);
        return new CallEnded
        {
            TenantId = tenant,
            CallId = CallId.New(),
            CallerNumber = "100",
            CallerName = "Alice",
            CalledNumber = "101",
            AnsweredBy = "101",
            Disposition = CallDisposition.Answered,
            StartedAt = start,
            AnsweredAt = start.AddSeconds(4),
            EndedAt = start.AddSeconds(65.5),
            SipStatus = 200,
            ReleasedBy = CallParty.Callee,
            Media = [new LegMedia { Party = CallParty.Caller, Codec = "PCMA", Encrypted = true, PacketsSent = 3000, PacketsReceived = 3001, JitterMilliseconds = 1.5 }],
        };
    }
}
