using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Components.Pages.Dashboard;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CallHoursTests
{
    private static readonly DateTime s_now = new(2026, 11, 26, 7, 20, 0, DateTimeKind.Utc);

    [Fact]
    public void The_last_hour_is_the_one_it_is_in_and_the_first_23_before() =>
        Assert.Equal(new DateTime(2026, 11, 25, 8, 0, 0, DateTimeKind.Utc), CallHours.Beginning(s_now, TimeZoneInfo.Utc));

    [Fact]
    public void Hours_are_those_of_the_users_clock_also_where_it_differs_by_half_an_hour()
    {
        TimeZoneInfo kolkata = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(5.5), "test", "test");
        DateTime from = CallHours.Beginning(s_now, kolkata);                              // 12:50 there
        Assert.Equal(new DateTime(2026, 11, 25, 7, 30, 0, DateTimeKind.Utc), from);
        CallHours hours = new(Counted(from), kolkata);
        Assert.Equal((13, 0), (hours.Hours[0].Start.Hour, hours.Hours[0].Start.Minute));
    }

    [Fact]
    public void What_was_counted_is_summed_up()
    {
        CallHours hours = new(Counted(s_now), TimeZoneInfo.Utc);
        Assert.Equal((9, 7), (hours.Total, hours.Answered));
        Assert.Equal((3, 1, 0, 2), (hours.Sounding(SoundQuality.Good), hours.Sounding(SoundQuality.Fair), hours.Sounding(SoundQuality.Poor), hours.Sounding(SoundQuality.Bad)));
    }

    private static CallHoursDto Counted(DateTime from) => new()
    {
        Hours = [new CallHourDto { Start = from, Answered = 4, Missed = 2 }, new CallHourDto { Start = from.AddHours(1), Answered = 3, Missed = 0 }], Sound = new CallSoundDto { Good = 3, Fair = 1, Bad = 2, Mos = 3.4 },
    };
}
