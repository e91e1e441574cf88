using System.Text.Json;
using CloudPbx.Contracts.Api;

namespace CloudPbx.Contracts.Tests;

public sealed class EnumTests
{
    [Fact]
    public void Every_choice_of_the_API_is_a_word_and_no_number()
    {
        foreach (Type type in typeof(TenantDto).Assembly.GetTypes().Where(type => type.IsEnum && type.Namespace == typeof(TenantDto).Namespace))
            Assert.StartsWith("\"", JsonSerializer.Serialize(Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => Enum.ToObject(type, value)).First(), type, JsonSerializerOptions.Web), StringComparison.Ordinal);
    }
}
