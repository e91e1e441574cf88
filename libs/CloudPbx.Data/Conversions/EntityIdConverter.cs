using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPbx.Data.Conversions;

/// <summary>An identifier is a <c>uuid</c> column.</summary>
internal sealed class EntityIdConverter<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => From(value))
    where TId : struct, IEntityId<TId>
{
    // Expression trees cannot call a static abstract member.
    private static TId From(Guid value) => TId.From(value);
}
