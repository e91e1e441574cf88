using CloudPbx.Data.Conversions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPbx.Data.Trunks;

internal sealed class GlobalTrunkMapping : IEntityTypeConfiguration<GlobalTrunk>
{
    public void Configure(EntityTypeBuilder<GlobalTrunk> builder)
    {
        builder.ToTable("global_trunks");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.Id).ValueGeneratedNever();
        builder.HasIndex(t => t.Name).IsUnique();
        builder.Property(t => t.Name).HasMaxLength(64);
        builder.Property(t => t.Details).HasConversion(new JsonTextConverter<TrunkDetails>(), JsonTextConverter<TrunkDetails>.Comparer);
        builder.Property(t => t.Sources).HasConversion(new JsonListConverter<string>(), JsonListConverter<string>.Comparer);
        builder.Property(t => t.Version).IsConcurrencyToken();
    }
}
