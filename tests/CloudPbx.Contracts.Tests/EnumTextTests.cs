using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Tests;

public sealed class EnumTextTests
{
    [Fact]
    public void A_member_is_written_as_the_serializer_writes_it_and_by_its_name_where_that_writes_a_number()
    {
        Assert.All(Enum.GetValues<CallDisposition>(), value => Assert.Equal(JsonSerializer.Serialize(value), $"\"{EnumText<CallDisposition>.Of((int)value)}\""));
        Assert.Equal("Second", EnumText<Plain>.Of(1).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => EnumText<Plain>.Of(2));
    }

    private enum Plain
    {
        First,
        Second,
    }
}
