using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPbx.Data.Conversions;

/// <summary>Instants are UTC on the way in (a local one is a bug of ours) and say so on the way out, which SQLite forgets.</summary>
internal sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(value => Require(value), value => DateTime.SpecifyKind(value, DateTimeKind.Utc))
{
    private static DateTime Require(DateTime value) =>
        value.Kind == DateTimeKind.Utc ? value : throw new InvalidOperationException("Instants in the database are UTC.");
}
