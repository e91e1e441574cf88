using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Components.Pages.Dashboard;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CallHoursTests
{
    private static readonly DateTime s_now = new(2026, 11, 26, 7, 20, 0, DateTimeKind.Utc);

    [Fact]
    public void The_last_hour_is_the_one_it_is_in_and_the_first_23_before()
    {
        CallHours hours = new(s_now, TimeZoneInfo.Utc);
        Assert.Equal(new DateTime(2026, 11, 25, 8, 0, 0, DateTimeKind.Utc), hours.From);
        Assert.Equal(24, hours.Hours.Count);
        Assert.Equal(7, hours.Hours[^1].Start.Hour);
    }

    [Fact]
    public void Hours_are_those_of_the_users_clock_also_where_it_differs_by_half_an_hour()
    {
        TimeZoneInfo kolkata = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(5.5), "test", "test");
        CallHours hours = new(s_now, kolkata);                              // 12:50 there
        Assert.Equal(new DateTime(2026, 11, 25, 7, 30, 0, DateTimeKind.Utc), hours.From);
        Assert.Equal((12, 0), (hours.Hours[^1].Start.Hour, hours.Hours[^1].Start.Minute));
    }

    [Fact]
    public void Calls_are_counted_in_their_hour_by_whether_they_were_answered()
    {
        CallHours hours = new(s_now, TimeZoneInfo.Utc);
        hours.Add(Calls.Record(CallDisposition.Answered, 200, s_now));
        hours.Add(Calls.Record(CallDisposition.Busy, 486, s_now.AddMinutes(-5)));
        hours.Add(Calls.Record(CallDisposition.NoAnswer, 408, s_now.AddDays(-2)));         // too old
        Assert.Equal((2, 1), (hours.Total, hours.Answered));
        Assert.Equal((1, 1), (hours.Hours[^1].Answered, hours.Hours[^1].Missed));
    }

    [Fact]
    public void How_calls_sounded_is_counted_by_party_and_averaged()
    {
        CallHours hours = new(s_now, TimeZoneInfo.Utc);
        Assert.Null(hours.Mos);
        hours.Add(Calls.Record(CallDisposition.Answered, 200, s_now, new LegMedia { Party = CallParty.Caller, Mos = 4.4 }, new LegMedia { Party = CallParty.Callee, Mos = 3.2 }));
        hours.Add(Calls.Record(CallDisposition.Answered, 200, s_now, new LegMedia { Party = CallParty.Caller }));                     // unknown is neither good nor bad
        Assert.Equal((1, 0, 1, 0), (hours.Sounding("quality.good"), hours.Sounding("quality.fair"), hours.Sounding("quality.poor"), hours.Sounding("quality.bad")));
        Assert.Equal(3.8, hours.Mos!.Value, 3);
    }
}
